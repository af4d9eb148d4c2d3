/** Lists as real PHP servers send them: the values that old clients saw, with repairs reported in `warnings`. */
import { describe, expect, it, test } from 'vitest';
import document from '../../openapi/openapi.json' with { type: 'json' };
import { basic, startGateway } from '../support/harness.ts';

const first =
  '<recording><sid>0932654521723728</sid><dnis>8475551234</dnis><number_connected>3125551265</number_connected><minutes>5.3</minutes><date>2019-02-20 20:42:11</date></recording>';
const second = (dnis = '8475551234') =>
  first.replace('0932654521723728', '0932654521723729').replace('8475551234', dnis);
const sid = '0932654521723729';
const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';

const wrap = (records: string, head = declaration) =>
  `${head}<response><result>success</result><result_description></result_description><data>${first}${records}</data></response>`;
const latin1 = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf8 = (text: string) => new TextEncoder().encode(text);

async function startWith(bytes: Uint8Array<ArrayBuffer>, contentType = 'text/xml') {
  const gateway = await startGateway({
    legacy: () => new Response(bytes, { headers: { 'Content-Type': contentType } }),
  });
  return {
    gateway,
    get: (query = '', headers: Record<string, string> = {}) =>
      gateway.fetch(`/recordings?type=findme&id=1234${query}`, {
        headers: { ...basic(gateway.emulator), ...headers },
      }),
  };
}

const detailOf = {
  'unescaped-ampersand': 'An unescaped ampersand is kept as text.',
  'html-entity': 'An HTML entity that XML does not define is decoded.',
  'invalid-character': 'A character that XML does not allow is replaced by U+FFFD.',
  'invalid-bytes': 'Bytes that are not in the encoding of the list are replaced by U+FFFD.',
} as const;
const repaired = (...codes: (keyof typeof detailOf)[]) =>
  codes.map((code) => ({ code, detail: detailOf[code], sid }));

const php = '<br />\n<b>Warning</b>:  Undefined array key in <b>x.php</b> on line <b>42</b><br />\n';

describe('both recordings are listed', () => {
  it.each([
    [
      'from a declared encoding that the header contradicts',
      latin1(wrap(second('café'), '<?xml version="1.0" encoding="ISO-8859-1"?>\n')),
      'text/xml; charset=UTF-8',
      'café',
    ],
    ['after a blank line', utf8(wrap(second(), `\n${declaration}`)), 'text/xml', '8475551234'],
    [
      'after a byte order mark and a blank line',
      utf8(wrap(second(), `\ufeff\n\ufeff${declaration}`)),
      'text/xml',
      '8475551234',
    ],
    ['beside the warnings of PHP', utf8(wrap(php + second())), 'text/xml', '8475551234'],
    ['beside text', utf8(wrap(`ok ${second()} done`)), 'text/html; charset=x', '8475551234'],
    ['with an element inside a value', utf8(wrap(second('847<b>x</b>555'))), 'text/xml', '847555'],
    [
      'in UTF-16',
      Uint8Array.from(
        [0xff, 0xfe, ...latin1(wrap(second()))].flatMap((byte, at) => (at < 2 ? [byte] : [byte, 0])),
      ),
      'text/xml; charset=ISO-8859-1',
      '8475551234',
    ],
  ])('%s', async (_what, bytes, contentType, dnis) => {
    const { get } = await startWith(bytes, contentType);
    const response = await get();
    const page = await response.json();
    expect({ status: response.status, ...page }).toMatchObject({
      status: 200,
      recordings: [{ sid: '0932654521723728' }, { sid, dnis }],
      next_cursor: null,
    });
    expect(page).not.toHaveProperty('warnings');
  });

  it.each([
    ['a bare ampersand', utf8(wrap(second('AT&T'))), 'AT&T', repaired('unescaped-ampersand')],
    ['a control character', utf8(wrap(second('a\x1ab'))), 'a\ufffdb', repaired('invalid-character')],
    [
      'a reference to a control character',
      utf8(wrap(second('a&#x1a;b'))),
      'a\ufffdb',
      repaired('invalid-character'),
    ],
    ['entities of HTML', utf8(wrap(second('caf&eacute;&nbsp;x'))), 'café\u00a0x', repaired('html-entity')],
    ['a byte of another encoding', latin1(wrap(second('caf\xe9'))), 'caf\ufffd', repaired('invalid-bytes')],
    [
      'several of these',
      utf8(wrap(second('&\x01&copy;'))),
      '&\ufffd©',
      repaired('unescaped-ampersand', 'invalid-character', 'html-entity'),
    ],
    [
      'a recording without a sid',
      utf8(wrap(second().replace(sid, '') + second())),
      '8475551234',
      [{ code: 'recording-without-sid', detail: 'One recording has no sid and is left out.' }],
    ],
    [
      'several recordings without a sid, the last ones too',
      utf8(wrap(`${second().replace(sid, '')}${second()}<recording/><recording/>`)),
      '8475551234',
      [{ code: 'recording-without-sid', detail: '3 recordings have no sid and are left out.' }],
    ],
  ])('with a warning, despite %s', async (_what, bytes, dnis, warnings) => {
    const { get, gateway } = await startWith(bytes);
    const response = await get();
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      recordings: [{ sid: '0932654521723728' }, { sid, dnis }],
      next_cursor: null,
      warnings,
    });
    const lines = (await (await get('', { Accept: 'application/x-ndjson' })).text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ sid: '0932654521723728' }, { sid, dnis }]);
    const repairs = { legacy: { repairs: expect.any(Number) } };
    await expect.poll(() => gateway.log).toMatchObject([repairs, repairs]);
    const counts = gateway.log.map(({ legacy }) => (legacy as { repairs: number }).repairs);
    expect(counts[0]).toBeGreaterThan(0);
    expect(counts[1]).toBe(counts[0]);
  });
});

describe('a page reports only the repairs between its own recordings', () => {
  const numbered = (number: number, dnis: string) =>
    first.replace('0932654521723728', `${number}`).replace('8475551234', dnis);
  const list = wrap(
    `<recording/>${numbered(1, '&')}${numbered(2, 'x')}<recording/>${numbered(3, '\x01')}<recording/>`,
  );
  const left = { code: 'recording-without-sid', detail: 'One recording has no sid and is left out.' };

  test('for every way to walk the list', async () => {
    const { get } = await startWith(utf8(list));
    const pages: unknown[] = [];
    let query = '&limit=1';
    for (;;) {
      const { recordings, warnings, next_cursor } = await (await get(query)).json();
      pages.push([recordings[0].sid, warnings]);
      if (!next_cursor) break;
      query = `&limit=1&cursor=${next_cursor}`;
    }
    expect(pages).toEqual([
      ['0932654521723728', undefined],
      ['1', [left, { code: 'unescaped-ampersand', detail: detailOf['unescaped-ampersand'], sid: '1' }]],
      ['2', undefined],
      [
        '3',
        [
          { code: 'recording-without-sid', detail: '2 recordings have no sid and are left out.' },
          { code: 'invalid-character', detail: detailOf['invalid-character'], sid: '3' },
        ],
      ],
    ]);
  });

  test('even if a filter hides the recordings beside an omission', async () => {
    const { get } = await startWith(utf8(wrap(`<recording/>${numbered(1, '&')}`)));
    expect(await (await get('&from=2020-01-01')).json()).toEqual({
      recordings: [],
      next_cursor: null,
      warnings: [left],
    });
  });
});

test('the document lists every code', () => {
  expect(document.components.schemas.ListWarningCode.enum.toSorted()).toEqual(
    [...Object.keys(detailOf), 'encoding-mismatch', 'recording-without-sid'].toSorted(),
  );
});

describe('structure is never repaired', () => {
  it.each([
    ['a truncated document', wrap(second()).slice(0, -60)],
    ['a document without its last tag', wrap(second()).replace('</response>', '')],
    ['tags that cross', wrap('<recording><sid>1</recording></sid>')],
    ['a recording that is not closed', wrap('<recording><sid>1</sid>')],
    ['a value that is not closed', wrap('<recording><sid>1</recording>')],
    ['a doubled value', wrap(second().replace('<dnis>', '<dnis>1</dnis><dnis>'))],
    ['a doubled list', wrap('').replace('</response>', '<data/></response>')],
    ['a second root', `${wrap('')}${wrap('', '')}`],
    ['text after the root', `${wrap('')}<br>`],
    ['text before the root', `Warning: x\n${wrap('')}`],
    ['a bare less-than sign', wrap(second('a < b'))],
    ['an element of HTML that is not closed', wrap(`<br>${second()}`)],
    ['a document type', wrap('', '<!DOCTYPE response>')],
    ['a document type with entities', wrap('', '<!DOCTYPE response [<!ENTITY a "b">]>')],
    ['a control character in a name', wrap('<reco\x1arding/>')],
  ])('%s is a 502', async (_what, list) => {
    const { get } = await startWith(utf8(list));
    const response = await get();
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ type: '/problems/legacy-invalid-response' });
  });
});

test('a repaired envelope is read, and the log counts its repairs', async () => {
  const gateway = await startGateway({
    legacy: () =>
      new Response(
        '<response><result>failed</result><result_description>File not found &nbsp;</result_description></response>',
      ),
  });
  const response = await gateway.fetch('/recordings/1?delete_now=false', {
    method: 'DELETE',
    headers: basic(gateway.emulator),
  });
  expect(response.status).toBe(404);
  expect(gateway.log.at(-1)).toMatchObject({ legacy: { repairs: 1 } });
});
