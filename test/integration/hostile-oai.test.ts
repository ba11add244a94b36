/** An OAI-PMH archive that misbehaves is quoted or not believed, and does no harm. */
import { describe, expect, it } from 'vitest';
import { arxivRecord, oaiAnswer, oaiError, recordList } from '../support/oai-archive.ts';
import { useOaiHarvest } from '../support/oai-harvest.ts';
import { processorMs } from '../support/processor-time.ts';
import { pagesOf } from '../support/source-pages.ts';

const harvest = useOaiHarvest();
const { onlyPage, read } = harvest;

describe('an archive that misbehaves', () => {
  const good = oaiAnswer(recordList([arxivRecord('2501.00001', '<abstract>It is here.</abstract>')]));

  it.each([
    'badArgument',
    'badVerb',
    'cannotDisseminateFormat',
    'idDoesNotExist',
    'noMetadataFormats',
    'noSetHierarchy',
    'somethingElse',
  ])('is quoted when it rejects the request: %s', async (code) => {
    harvest.server.answerNext(oaiError(code, 'it\n says &lt;why&gt;'));
    const rejected = {
      code: 'SOURCE_BAD_QUERY',
      retry: false,
      message: expect.stringContaining(`${code}, “it says <why>”`),
    };
    await expect(pagesOf(read())).rejects.toMatchObject(rejected);
    harvest.server.failNext({ kind: 'status', status: 422, body: oaiError(code, 'it says &lt;why&gt;') });
    await expect(pagesOf(read())).rejects.toMatchObject(rejected);
  });

  it('is not believed when an answer ends early, wherever that is', async () => {
    const whole = good.trimEnd();
    for (let end = 0; end < whole.length; end += 7) {
      harvest.server.answerNext(whole.slice(0, end));
      await expect(pagesOf(read()), `after ${end} characters`).rejects.toMatchObject({
        code: 'SOURCE_BAD_ANSWER',
        retry: true,
      });
    }
  });

  it.each([
    ['a web page', '<!DOCTYPE html><html><body>Down for maintenance</body></html>'],
    ['a feed', '<feed xmlns="http://www.w3.org/2005/Atom"/>'],
    ['an answer without a date', good.replace(/<responseDate>.*<\/responseDate>/, '')],
    ['an answer to another question', oaiAnswer('<ListSets><set><setSpec>cs</setSpec></set></ListSets>')],
    ['a document type, however small', good.replace('?>', '?><!DOCTYPE OAI-PMH [<!ENTITY e "e">]>')],
    ['crossed elements', good.replace('</title>', '</titel>')],
  ])('is not understood when it sends %s', async (_what, xml) => {
    harvest.server.answerNext(xml);
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER', retry: true });
  });

  it('can not make entities explode, or read files through them', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `<!ENTITY l${level + 1} "&l${level};&l${level};">`,
    );
    const bomb = `<!DOCTYPE OAI-PMH [<!ENTITY l0 "boom"><!ENTITY f SYSTEM "file:///etc/passwd">${levels.join('')}]>`;
    harvest.server.answerNext(good.replace('?>', `?>${bomb}`).replace('<title>', '<title>&l30;&f;'));
    const spentMs = await processorMs(() =>
      expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' }),
    );
    expect(spentMs).toBeLessThan(2_000);
  });

  it('can nest and number as it likes without harm', async () => {
    harvest.server.answerNext(good.replace('It is here.', `${'<b>'.repeat(50_000)}${'</b>'.repeat(50_000)}`));
    await expect(pagesOf(read())).rejects.toMatchObject({ code: 'SOURCE_BAD_ANSWER' });
    const page = await onlyPage(good.replace('It is here.', '&#60;b&#62; &#0; &#x110000; &#38;lt; &#9731;'));
    expect(page.papers).toHaveLength(1);
    expect(page.papers[0]?.abstract).toContain('☃');
  });
});
