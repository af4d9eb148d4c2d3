/** What went wrong with an upload, and whether to look before trying again. */
import type { Trouble } from '../trouble.ts';
import { isUnknown } from '../upload.ts';
import { TroubleNotice } from './trouble-notice.tsx';

export function UploadTrouble({ trouble }: { readonly trouble: Trouble }) {
  return (
    <TroubleNotice trouble={trouble}>
      {isUnknown(trouble) && (
        <p>
          It may have been uploaded all the same. Close this and show the list again; upload it anew only if
          it is not there.
        </p>
      )}
    </TroubleNotice>
  );
}
