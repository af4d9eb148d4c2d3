/** Walks of a list page by page, and lists that a test controls. */
import { expect } from 'vitest';
import type { TestGateway } from './harness.ts';

export interface ListedPage {
  readonly recordings: readonly Readonly<Record<string, unknown>>[];
  readonly next_cursor: string | null;
  readonly warnings?: readonly unknown[];
}

export interface WalkOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query of the first page. */
  readonly path: string;
  /** Continues from this cursor. */
  readonly cursor?: string | null;
  /** Called after each page, counted from 1. */
  readonly between?: (page: number) => unknown;
}

export async function readPage(
  gateway: TestGateway,
  path: string,
  headers: Readonly<Record<string, string>>,
) {
  const response = await gateway.fetch(path, { headers });
  const text = await response.text();
  expect(response.status, text).toBe(200);
  return JSON.parse(text) as ListedPage;
}

export function withCursor(path: string, cursor: string): string {
  return `${path}&cursor=${encodeURIComponent(cursor)}`;
}

export function sidsOf({ recordings }: ListedPage): string[] {
  return recordings.map(({ sid }) => String(sid));
}

/** All pages in order. */
export async function walk(
  gateway: TestGateway,
  { headers, path, cursor = null, between }: WalkOptions,
): Promise<ListedPage[]> {
  const pages: ListedPage[] = [];
  for (let next = cursor === null ? path : withCursor(path, cursor); next !== ''; ) {
    const page = await readPage(gateway, next, headers);
    pages.push(page);
    await between?.(pages.length);
    next = page.next_cursor === null ? '' : withCursor(path, page.next_cursor);
  }
  return pages;
}

/** The list calls that the emulator has received. */
export function listCalls({ emulator }: TestGateway): number {
  return emulator.calls.filter(({ action }) => action === 'recording.list').length;
}

const second = (number: number) =>
  new Date(Date.UTC(2019, 0, 1) + number * 1000).toISOString().slice(0, 19).replace('T', ' ');

export function toRecordingXml(number: number): string {
  const sid = String(number).padStart(16, '0');
  return `<recording><sid>${sid}</sid><dnis>8475551234</dnis><number_connected>3125551265</number_connected><minutes>5.3</minutes><date>${second(number)}</date></recording>`;
}

export function toListXml(recordings: readonly string[]): string {
  return `${listHead}${recordings.join('')}${listTail}`;
}

const listHead = '<response><result>success</result><result_description></result_description><data>';
const listTail = '</data></response>';

export function createWholeList(count: number): Response {
  const rows = Array.from({ length: count }, (_, at) => toRecordingXml(at));
  return new Response(toListXml(rows), { headers: { 'Content-Type': 'text/xml' } });
}

/** A list of this many recordings that stops before its second half until told to continue or to break. */
export function createHeldList(count: number) {
  const end = Promise.withResolvers<'go on' | 'break'>();
  const xml = new TextEncoder().encode(
    toListXml(Array.from({ length: count }, (_, at) => toRecordingXml(at))),
  );
  const middle = Math.floor(xml.length / 2);
  let isStarted = false;
  const body = new ReadableStream({
    async pull(controller) {
      if (!isStarted) {
        isStarted = true;
        return controller.enqueue(xml.slice(0, middle));
      }
      if ((await end.promise) === 'break') return controller.error(new Error('connection reset'));
      controller.enqueue(xml.slice(middle));
      controller.close();
    },
  });
  return { response: new Response(body, { headers: { 'Content-Type': 'text/xml' } }), end: end.resolve };
}
