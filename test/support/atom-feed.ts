/** Answers of the arXiv Atom API by hand: facts and sentences of our own. */

export const EMPTY_FEED =
  '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>none</title></feed>';

export function atomEntry(id: string, extra = ''): string {
  return `<entry><id>http://arxiv.org/abs/${id}</id><title>Steps &amp; Walks</title>
    <published>2025-01-02T03:04:05Z</published><updated>2025-02-02T00:00:00Z</updated>
    <summary>  A sentence\nof our own on $O(n^2)$.</summary>
    <author><name>Zoë Example</name></author>
    <category term="cs.LG"/><category term="cs.CL"/><category term="68T50 (Primary), I.2.7"/>
    <arxiv:primary_category term="cs.CL"/>${extra}</entry>`;
}

/** `total`: of the whole search. */
export function atomFeed(entries: string[], total = entries.length): string {
  return `<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"
    xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">
    <opensearch:totalResults>${total}</opensearch:totalResults>${entries.join('')}</feed>`;
}
