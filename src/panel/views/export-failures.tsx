/** The recordings that an export could not copy: the first ones here, all of them in the manifest. */
import type { Export } from '../../../clients/typescript/src/index.ts';
import { toCount } from '../export-texts.ts';

export function ExportFailures({ exported }: { readonly exported: Export }) {
  const { failures, progress } = exported;
  return (
    <details class="failures">
      <summary>{toCount(progress.failed)} failed</summary>
      <ul>
        {failures.map(({ sid, type, id, problem }) => (
          <li key={`${type}/${id}/${sid}`}>
            <code>{sid}</code>
            <span class="sub">
              {type} {id}: <a href={problem.slice(1)}>{problem.split('/').pop()}</a>
            </span>
          </li>
        ))}
      </ul>
      {progress.failed > failures.length && <p class="hint">The manifest lists all of them.</p>}
    </details>
  );
}
