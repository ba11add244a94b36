/** Answers of an OAI-PMH archive by hand, and a whole archive that hands out what it has in parts. */

/** `<ListRecords>…</ListRecords>` or `<error …/>` in the protocol's envelope. */
export function oaiAnswer(content: string, responseDate = '2025-07-01T00:10:00Z'): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>${responseDate}</responseDate>
<request>http://archive.test/oai2</request>${content}</OAI-PMH>`;
}

export function oaiError(code: string, text = ''): string {
  return oaiAnswer(`<error code="${code}">${text}</error>`);
}

export function arxivRecord(id: string, fields = ''): string {
  return `<record>
  <header><identifier>oai:arXiv.org:${id}</identifier><datestamp>2025-06-30</datestamp><setSpec>cs</setSpec></header>
  <metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><id>${id}</id><created>2025-01-02</created>
    <authors><author><keyname>Doe</keyname><forenames>Jane</forenames></author></authors>
    <title>Paper ${id}</title><categories>cs.CL cs.LG</categories>${fields}</arXiv></metadata></record>`;
}

export function deletedRecord(id: string): string {
  return `<record><header status="deleted">
  <identifier>oai:arXiv.org:${id}</identifier><datestamp>2025-06-30</datestamp></header></record>`;
}

export function recordList(records: readonly string[], token = ''): string {
  return `<ListRecords>${records.join('')}${token}</ListRecords>`;
}

/** Answers like an archive of these sets that hands out `size` records at a time, on the day `today`. */
export function archiveOf(
  sets: Record<string, readonly string[]>,
  size: number,
  today = () => '2025-07-01',
): (params: URLSearchParams) => string {
  return (params) => {
    const [set = '', start = '0'] = (params.get('resumptionToken') ?? params.get('set') ?? '').split('|');
    const records = sets[set] ?? [];
    if (records.length === 0) return oaiError('noRecordsMatch');
    const end = Number(start) + size;
    const token =
      end < records.length
        ? `<resumptionToken cursor="${start}" completeListSize="${records.length}">${set}|${end}</resumptionToken>`
        : `<resumptionToken completeListSize="${records.length}"/>`;
    return oaiAnswer(recordList(records.slice(Number(start), end), token), `${today()}T00:10:00Z`);
  };
}
