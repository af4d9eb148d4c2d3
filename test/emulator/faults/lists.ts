/** Faults in the records of a list. */
import { type Answer, envelope, xmlType } from '../answer.ts';
import { type Bytes, encode } from '../bytes.ts';
import { createGeneratedList } from '../generated-list.ts';
import { rewrittenList } from './documents.ts';
import { all, type Fault, listOnly } from './fault.ts';

const hugeLength = 16 * 1024 * 1024;

function eachRecord(xml: string, rewrite: (fields: string[]) => readonly string[]): string {
  return xml.replace(/<recording>\n(.*?)\n<\/recording>/gs, (_, fields: string) =>
    ['<recording>', ...rewrite(fields.split('\n')), '</recording>'].join('\n'),
  );
}

function withData(xml: string, data: string): string {
  return xml.replace(/<data>.*<\/data>/s, () => data);
}

function endless(chunks: () => Generator<Bytes, void>): Answer {
  const headers = { 'content-type': xmlType };
  return { status: 200, headers, chunks: chunks(), length: Number.POSITIVE_INFINITY, declared: false };
}

export const listFaults = {
  'odd-order': rewrittenList("a record's elements in the opposite order", (xml) =>
    eachRecord(xml, (fields) => fields.toReversed()),
  ),
  'result-last': rewrittenList('the data before the result', (xml) => {
    const [data = ''] = /<data>.*<\/data>\n/s.exec(xml) ?? [];
    return xml.replace(data, '').replace('</response>', () => `${data}</response>`);
  }),
  'failed-after-data': rewrittenList('records first, then the result failed', (xml) => {
    const [data = ''] = /<data>.*<\/data>/s.exec(xml) ?? [];
    return envelope('failed', 'An error occurred').replace('<response>', () => `<response>\n${data}`);
  }),
  'one-item': rewrittenList('only the first record', (xml) => {
    const [first = ''] = /<recording>.*?<\/recording>/s.exec(xml) ?? [];
    return withData(xml, `<data>\n${first}\n</data>`);
  }),
  'empty-list': rewrittenList('success with an empty data element', (xml) => withData(xml, '<data/>')),
  'empty-data': rewrittenList('success with nothing between the data tags', (xml) =>
    withData(xml, '<data></data>'),
  ),
  'no-data': rewrittenList('success without a data element', (xml) => withData(xml, '')),
  'empty-elements': rewrittenList('every element of a record except its sid as an empty tag', (xml) =>
    eachRecord(xml, ([sid = '', ...rest]) => [sid, ...rest.map((field) => field.replace(/>.*/, '/>'))]),
  ),
  'missing-elements': rewrittenList('records with only a sid', (xml) =>
    eachRecord(xml, (fields) => fields.slice(0, 1)),
  ),
  'missing-sid': rewrittenList('records without a sid', (xml) =>
    eachRecord(xml, (fields) => fields.slice(1)),
  ),
  'duplicate-elements': rewrittenList('every element of a record twice, with different texts', (xml) =>
    eachRecord(xml, (fields) => [...fields, ...fields.map((field) => field.replace('>', '>1'))]),
  ),
  'huge-record': rewrittenList('a record of sixteen megabytes', (xml) =>
    xml.replace('<number_connected>', () => `<number_connected>${'9'.repeat(hugeLength)}`),
  ),
  'endless-list': {
    description: 'an endless list',
    actions: listOnly,
    apply: () =>
      endless(function* () {
        yield encode(envelope('success', '', '\n<data>\n').replace(/\n<\/response>$/, ''));
        for (;;) yield* createGeneratedList(10_000_000, 0).chunks(new Set());
      }),
  },
  'endless-text': {
    description: 'an envelope with an endless description',
    actions: all,
    apply: () =>
      endless(function* () {
        yield encode('<response>\n<result>failed</result>\n<result_description>');
        for (;;) yield encode('and '.repeat(16_384));
      }),
  },
} as const satisfies Record<string, Fault>;
