/** Envelopes are read as PHP reads them; malformed structure is rejected. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { LegacyError } from '../../../../src/legacy/failure.ts';
import { parseEnvelope } from '../../../../src/legacy/response/envelope.ts';

const parse = (xml: string, contentType: string | null = null) =>
  parseEnvelope(new TextEncoder().encode(xml), { status: 200, contentType });

function reasonOf(xml: string): string {
  try {
    return JSON.stringify(parse(xml));
  } catch (error) {
    if (!(error instanceof LegacyError) || error.failure.kind !== 'invalid-response') throw error;
    return error.failure.reason;
  }
}

const wrap = (inner: string) => `<response>${inner}</response>`;
const success = '<result>success</result>';

describe('an envelope', () => {
  it.each([
    [
      'as documented',
      '<response>\n<result>failed</result>\n<result_description>File not found</result_description>\n</response>\n',
      'failed',
      'File not found',
    ],
    ['without a description', wrap(success), 'success', ''],
    ['with an empty description', wrap(`${success}<result_description></result_description>`), 'success', ''],
    ['with an empty description tag', wrap(`${success}<result_description/>`), 'success', ''],
    ['in another order', wrap(`<result_description>x</result_description>${success}`), 'success', 'x'],
    [
      'with white space around its values',
      wrap('<result>\r\n Success\t</result><result_description> a  b\n</result_description>'),
      'success',
      'a  b',
    ],
    ['in capitals', wrap('<result>FAILED</result>'), 'failed', ''],
    [
      'after a declaration, comments and instructions',
      `<?xml version="1.0"?><!-- <result>failed</result> --><?x y?>${wrap(success)}<!-- -->`,
      'success',
      '',
    ],
    [
      'with attributes and a namespace',
      '<response xmlns="urn:x" a=">"><result b="&lt;/result>">success</result></response>',
      'success',
      '',
    ],
    [
      'with a value of several parts',
      wrap('<result>suc<!-- </result> --><![CDATA[ce]]>&#115;s</result>'),
      'success',
      '',
    ],
    [
      'with references',
      wrap(
        `${success}<result_description>&lt;b&gt; &amp;amp; &#233;&#xE9;&#x1F600; &quot;&apos;</result_description>`,
      ),
      'success',
      `<b> &amp; éé😀 "'`,
    ],
    [
      'with CDATA that looks like references',
      wrap(`${success}<result_description><![CDATA[&amp; </result_description>]]></result_description>`),
      'success',
      '&amp; </result_description>',
    ],
    ['with unknown elements', wrap(`<a><result>failed</result></a>${success}<b/>`), 'success', ''],
    ['with a result inside its data', wrap(`${success}<data><result>failed</result></data>`), 'success', ''],
    [
      'with elements named like parts of an object',
      wrap(
        `<__proto__><result>failed</result></__proto__>${success}<constructor><prototype/></constructor><hasOwnProperty/><toString>x</toString>`,
      ),
      'success',
      '',
    ],
    [
      'with numbers instead of words',
      wrap(`${success}<result_description>0x1F</result_description>`),
      'success',
      '0x1F',
    ],
    [
      'after white space and byte order marks',
      `\n\ufeff\n\ufeff<?xml version="1.0"?>${wrap(success)}`,
      'success',
      '',
    ],
    ['with text between its elements', wrap(`Warning: x${success}<![CDATA[y]]>`), 'success', ''],
    [
      'with elements inside its values',
      wrap('<result>suc<b>failed</b>cess</result><result_description>a<br/>b</result_description>'),
      'success',
      'ab',
    ],
    ['with a prefix on its root only', `<x:response xmlns:x="u">${success}</x:response>`, 'success', ''],
  ])('is read %s', (_what, xml, result, description) => {
    expect(parse(xml)).toEqual({ result, description });
  });

  it.each([
    ['a bare ampersand', 'a & b', 'a & b', ['unescaped-ampersand']],
    ['an entity of HTML', 'caf&eacute;&nbsp;x', 'café\u00a0x', ['html-entity', 'html-entity']],
    ['a reference to a character that XML forbids', 'a&#0;b', 'a\ufffdb', ['invalid-character']],
    ['a control character', 'a\x01b', 'a\ufffdb', ['invalid-character']],
    ['markup that HTML escapes', '&LT;b>', '<b>', ['html-entity']],
  ])('is repaired for %s, with a warning', (_what, written, description, repairs) => {
    const xml = wrap(`<result>failed</result><result_description>${written}</result_description>`);
    expect(parse(xml)).toEqual({ result: 'failed', description, repairs });
  });

  test('is repaired for a byte outside its encoding, with a warning', () => {
    const bytes = Uint8Array.from(wrap(`${success}<result_description>é</result_description>`), (char) =>
      char.charCodeAt(0),
    );
    expect(parseEnvelope(bytes, { status: 200, contentType: null })).toEqual({
      result: 'success',
      description: '\ufffd',
      repairs: ['invalid-bytes'],
    });
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n'],
    ['no XML', 'Internal Server Error'],
    ['JSON', '{"result":"success"}'],
    ['an HTML page', '<!DOCTYPE html><html><body><br></body></html>'],
    ['a well-formed HTML page', '<html><result>success</result></html>'],
    ['no result', wrap('<result_description>x</result_description>')],
    ['an empty result', wrap('<result/>')],
    ['another result', wrap('<result>ok</result>')],
    ['two results', wrap(success + success)],
    ['two descriptions', wrap(`${success}<result_description/><result_description>x</result_description>`)],
    ['an element inside the result', wrap('<result><b>success</b></result>')],
    ['a result outside the response', success],
    ['a result as an attribute', '<response result="success"/>'],
    ['a prefix', '<a:response xmlns:a="urn:x"><a:result>success</a:result></a:response>'],
    ['a prefix that is a property name', wrap('<.result>success</.result>')],
    ['two documents', wrap(success) + wrap(success)],
    ['text after the end', `${wrap(success)}x`],
    ['text before the start', `x${wrap(success)}`],
    ['a truncated document', wrap(success).slice(0, -1)],
    ['a document without its end', `<response>${success}`],
    ['tags that cross', '<response><result>success</response></result>'],
    ['the end of CDATA in text', wrap(`${success}<result_description>]]></result_description>`)],
    ['a doubled attribute', `<response a="1" a="2">${success}</response>`],
    ['an attribute without quotes', `<response a=1>${success}</response>`],
    ['a comment with two hyphens', `<!-- -- -->${wrap(success)}`],
    ['an instruction without a space', `<?a?b?>${wrap(success)}`],
    ['a document type', `<!DOCTYPE response>${wrap(success)}`],
    [
      'entities that expand',
      `<!DOCTYPE response [<!ENTITY a "success"><!ENTITY b "&a;&a;">]>${wrap('<result>&a;</result>')}`,
    ],
    ['elements nested deeper than any response', `${'<response>'.repeat(40)}${'</response>'.repeat(40)}`],
    ['a tag longer than any response', `<response a="${'x'.repeat(70_000)}">${success}</response>`],
  ])('is not %s', (_what, xml) => {
    expect(reasonOf(xml)).toMatch(
      /^(XML that is not|a document type|an empty body|elements nested|markup or text)/,
    );
  });

  test('never quotes the document in its reason', () => {
    expect(reasonOf('<response><secret_access_key>hunter2</wrong></response>')).toBe(
      'XML that is not well-formed',
    );
  });

  test('is decoded by its charset', () => {
    const latin1 = Uint8Array.from(wrap(`${success}<result_description>é</result_description>`), (char) =>
      char.charCodeAt(0),
    );
    const head = { status: 200, contentType: 'text/xml; charset=iso-8859-1' };
    expect(parseEnvelope(latin1, head)).toEqual({
      result: 'success',
      description: 'é',
      repairs: ['encoding-mismatch'],
    });
  });

  test('returns any description unchanged', () => {
    const toReferences = (text: string) =>
      Array.from(text, (char) => (/[\w ]/.test(char) ? char : `&#${char.codePointAt(0)};`)).join('');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const xml = wrap(`<result_description>${toReferences(text)}</result_description>${success}`);
        expect(parse(xml)).toEqual({ result: 'success', description: text.trim() });
      }),
      { numRuns: 1000 },
    );
  });
});
