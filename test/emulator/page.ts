/** Every response on the vendor's page, word for word, with a call that causes it. */
import type { ActionName } from './actions/actions.ts';
import { sids } from './seeds.ts';

export interface PageRow {
  readonly action: ActionName;
  readonly status: number;
  /** As printed; null for the one response that is audio. */
  readonly xml: string | null;
  /** Parameters for a fresh emulator, besides action and keys. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether an account's keys or wrong ones are sent. */
  readonly keys: 'right' | 'wrong';
}

const processing = `<response>
<result>failed</result>
<result_description>The requested recording is currently being processed by the system. Please check back later.</result_description>
</response>`;

const missingSid = `<response>
<result>failed</result>
<result_description>Parameter sid is required</result_description>
</response>`;

const fileNotFound = `<response>
<result>failed</result>
<result_description>File not found</result_description>
</response>`;

const download: readonly PageRow[] = [
  {
    action: 'recording.download',
    status: 200,
    xml: null,
    parameters: { format: 'mp3', sample_rate: '44100', sid: sids.playable },
    keys: 'right',
  },
  {
    action: 'recording.download',
    status: 202,
    xml: processing,
    parameters: { sid: sids.processing },
    keys: 'right',
  },
  { action: 'recording.download', status: 400, xml: missingSid, parameters: {}, keys: 'right' },
  {
    action: 'recording.download',
    status: 401,
    xml: `<response>
<result>failed</result>
<result_description>Invalid api_key</result_description>
</response>`,
    parameters: { sid: sids.playable },
    keys: 'wrong',
  },
  {
    action: 'recording.download',
    status: 404,
    xml: fileNotFound,
    parameters: { sid: sids.unknown },
    keys: 'right',
  },
  {
    action: 'recording.download',
    status: 404,
    xml: `<response>
<result>failed</result>
<result_description>Error in retrieving recording</result_description>
</response>`,
    parameters: { sid: sids.retrievalFails },
    keys: 'right',
  },
];

const list: readonly PageRow[] = [
  {
    action: 'recording.list',
    status: 200,
    xml: `<response>
<result>success</result>
<result_description></result_description>
<data>
<recording>
<sid>0932654521723728</sid>
<dnis>8475551234</dnis>
<number_connected>3125551265</number_connected>
<minutes>5.3</minutes>
<date>2019-02-20 20:42:11</date>
</recording>
<recording>
<sid>123456789101112</sid>
<dnis>8475551234</dnis>
<number_connected>3125551265</number_connected>
<minutes>12.1</minutes>
<date>2019-01-20 07:09:55</date>
</recording>
</data>
</response>`,
    parameters: { type: 'findme', id: '1234' },
    keys: 'right',
  },
  {
    action: 'recording.list',
    status: 400,
    xml: `<response>
<result>failed</result>
<result_description>Parameter type is required</result_description>
</response>`,
    parameters: { id: '1234' },
    keys: 'right',
  },
  {
    action: 'recording.list',
    status: 400,
    xml: `<response>
<result>failed</result>
<result_description>Parameter id is required</result_description>
</response>`,
    parameters: { type: 'findme' },
    keys: 'right',
  },
  {
    action: 'recording.list',
    status: 404,
    xml: `<response>
<result>failed</result>
<result_description>No results returned</result_description>
</response>`,
    parameters: { type: 'findme', id: '4321' },
    keys: 'right',
  },
];

const remove: readonly PageRow[] = [
  {
    action: 'recording.remove',
    status: 200,
    xml: `<response>
<result>success</result>
<result_description>Recording successfully removed</result_description>
</response>`,
    parameters: { delete_now: '1', sid: sids.playable },
    keys: 'right',
  },
  {
    action: 'recording.remove',
    status: 202,
    xml: processing,
    parameters: { sid: sids.processing },
    keys: 'right',
  },
  { action: 'recording.remove', status: 400, xml: missingSid, parameters: {}, keys: 'right' },
  {
    action: 'recording.remove',
    status: 404,
    xml: `<response>
<result>failed</result>
<result_description>Error in removing recording</result_description>
</response>`,
    parameters: { sid: sids.removalFails },
    keys: 'right',
  },
  {
    action: 'recording.remove',
    status: 404,
    xml: fileNotFound,
    parameters: { sid: sids.unknown },
    keys: 'right',
  },
];

const upload: readonly PageRow[] = [
  {
    action: 'recording.upload',
    status: 200,
    xml: `<response>
<result>success</result>
<result_description>File uploaded</result_description>
</response>`,
    parameters: { type: 'findme', path: '/path/to/audio.wav', id: '1234' },
    keys: 'right',
  },
];

/** In the page's order: six, four, five and one. */
export const page: readonly PageRow[] = [...download, ...list, ...remove, ...upload];
