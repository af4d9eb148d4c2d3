/** Maps a StoreFailure to a problem, by one exhaustive switch. */
import { Problem } from '../../problem/problem.ts';
import type { StoreFailure } from '../../store/failure.ts';

export function storeProblem({ kind }: StoreFailure): Problem {
  switch (kind) {
    case 'not-readable':
      return unavailable('The audio was replaced or deleted at this moment, or the store failed.', 1);
    case 'not-purged':
      return unavailable("The recording could not be removed from the gateway's store.", 5);
    case 'upload-not-stored':
      return unavailable("The gateway's store failed, and nothing was uploaded.", 5);
    case 'export-not-stored':
      return unavailable('The store of the exports failed.', 5);
  }
}

function unavailable(cause: string, retryAfterSeconds: number): Problem {
  return new Problem('store-unavailable', {
    detail: `${cause} Send the request again after \`Retry-After\`.`,
    headers: [['Retry-After', String(retryAfterSeconds)]],
  });
}
