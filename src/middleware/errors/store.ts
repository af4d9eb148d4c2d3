/** Maps a StoreError to a problem, by one exhaustive switch. */
import { Problem } from '../../problem/problem.ts';
import type { StoreError, StoreFailure } from '../../store/failure.ts';

export function storeProblem({ failure, retryAfterSeconds }: StoreError): Problem {
  const [cause, pauseSeconds] = describe(failure);
  return new Problem('store-unavailable', {
    detail: `${cause} Send the request again after \`Retry-After\`.`,
    headers: [['Retry-After', String(retryAfterSeconds ?? pauseSeconds)]],
  });
}

/** With the pause in seconds, unless the circuit of the store says more. */
function describe({ kind }: StoreFailure): [cause: string, pauseSeconds: number] {
  switch (kind) {
    case 'not-readable':
      return ['The audio was replaced or deleted at this moment, or the store failed.', 1];
    case 'not-purged':
      return ["The recording could not be removed from the gateway's store.", 5];
    case 'upload-not-stored':
      return ["The gateway's store failed, and nothing was uploaded.", 5];
    case 'export-not-stored':
      return ['The store of the exports failed.', 5];
  }
}
