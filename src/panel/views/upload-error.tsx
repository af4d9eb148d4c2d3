/** Explains a failed upload, and whether to check the list before a retry. */
import type { ApiError } from '../api-error.ts';
import { isUnknown } from '../upload.ts';
import { ErrorNotice } from './error-notice.tsx';

export function UploadError({ error }: { readonly error: ApiError }) {
  return (
    <ErrorNotice error={error}>
      {isUnknown(error) && (
        <p>
          It may have been uploaded all the same. Close this and show the list again; upload it anew only if
          it is not there.
        </p>
      )}
    </ErrorNotice>
  );
}
