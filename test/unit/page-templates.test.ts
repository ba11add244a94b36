/** Guards what readers see as pages: each whole and within its security policy, and hostile paper text made harmless. */
import { describe, expect, it } from 'vitest';
import { samplePages } from '../../src/template-samples.ts';
import type { PageName, PageViews } from '../../src/template-views.ts';
import { hostile, hostileDigest, outsideEnglish, useTemplates } from '../support/filled-templates.ts';

const pageNames = Object.keys(samplePages) as PageName[];
const filled = useTemplates();

function render<N extends PageName>(name: N): string {
  return filled.templates.page(name, samplePages[name]);
}

describe('pages', () => {
  it.each(pageNames)('%s renders its sample whole', (name) => {
    const html = render(name);
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toMatch(/<title>[^<]+ · Paperboy<\/title>/);
    expect(html.match(/<h1/g)).toHaveLength(1);
    expect(html.trimEnd()).toMatch(/<\/html>$/);
    expect(html).not.toMatch(/undefined|\[object|@@|<%/);
  });

  it.each(pageNames)('%s has no inline style or script, which its security policy would refuse', (name) => {
    expect(render(name)).not.toMatch(/\sstyle=|\son[a-z]+=|<style|<script(?![^>]*src=")/);
  });

  it('behind a signed link are neither indexed nor leak it to other sites', () => {
    for (const name of ['confirm', 'preferences', 'pause', 'unsubscribe', 'digest'] as const) {
      expect(render(name)).toContain('<meta name="robots" content="noindex, nofollow">');
      expect(render(name)).toContain('<meta name="referrer" content="no-referrer">');
    }
    expect(render('landing')).not.toContain('noindex');
  });

  it.each(pageNames)('%s says in German what language papers are in', (name) => {
    const html = filled.templates.page(name, {
      ...samplePages[name],
      language: 'de',
    } as PageViews[typeof name]);
    expect(outsideEnglish(html)).toEqual([]);
  });

  it('act through a POST only', () => {
    for (const name of pageNames) {
      for (const form of render(name).match(/<form[^>]*>/g) ?? []) {
        // To search changes nothing, and its address may be kept.
        expect(form).toContain(/action="\/search"/.test(form) ? 'method="get"' : 'method="post"');
      }
    }
  });

  it('give back what was typed, with each error beside its field', () => {
    const { landing } = samplePages;
    const html = filled.templates.page('landing', {
      ...landing,
      values: {
        ...landing.values,
        email: 'a"b@',
        topics: ['world-models'],
        keywords: '<b>',
        hour: 17,
        frequency: 'weekly',
      },
      errors: [{ field: 'email', message: 'That is not an email address.' }],
    });
    expect(html).toContain('value="a&quot;b@"');
    expect(html).toContain('value="&lt;b&gt;"');
    expect(html).toContain('value="world-models" checked');
    expect(html).toContain('<option value="17" selected>17:00</option>');
    expect(html).toContain('value="weekly" checked');
    expect(html).toContain('role="alert"');
    expect(html).toMatch(/name="email"[^>]* aria-invalid="true" aria-describedby="email-error"/);
    expect(html).toContain('<p class="problem" id="email-error">That is not an email address.</p>');
  });

  it('escape what a paper brings along', () => {
    const html = filled.templates.page('digest', { ...samplePages.digest, digest: hostileDigest });
    expect(html).not.toMatch(/<script>|<img|"onmouseover="/);
    // A script puts this one into a page as it is.
    const part = filled.templates.preview({ digest: hostileDigest, notKnown: [hostile] }, 'en');
    expect(part).not.toMatch(/<script|<img|"onmouseover="/);
    expect(part).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});
