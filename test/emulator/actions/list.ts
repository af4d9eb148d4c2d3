/** `recording.list`: the whole list, since the legacy API has no paging. */
import { type Answer, envelope, failed, xmlType } from '../answer.ts';
import { type Bytes, encode } from '../bytes.ts';
import { types } from '../parameters.ts';
import { type Action, invalid, isInteger } from './action.ts';

const [head = '', tail = ''] = envelope('success', '', '\n<data>\n@</data>').split('@');

export const list: Action = {
  required: () => ['type', 'id'],
  answer({ account, parameters }): Answer {
    const type = parameters.get('type') ?? '';
    const id = parameters.get('id') ?? '';
    if (!types.some((known) => known === type)) return invalid('type');
    if (!isInteger(id)) return invalid('id');
    const content = account.records(type, id);
    if (content === null) return failed(404, 'No results returned');
    return {
      status: 200,
      headers: { 'content-type': xmlType },
      chunks: frame(content.chunks()),
      length: head.length + content.length + tail.length,
      declared: true,
    };
  },
};

function* frame(records: Iterable<Bytes>): Generator<Bytes, void> {
  yield encode(head);
  yield* records;
  yield encode(tail);
}
