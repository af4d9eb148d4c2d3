/** `recording.remove`: now, or at the vendor's next clean-up. */
import { type Answer, failed, succeeded } from '../answer.ts';
import { type Action, type ActionContext, invalid, notFound, processing } from './action.ts';

export const remove: Action = {
  required: () => ['sid'],
  answer({ account, parameters, vendor }: ActionContext): Answer {
    const deleteNow = parameters.get('delete_now') || '0';
    if (deleteNow !== '0' && deleteNow !== '1') return invalid('delete_now');
    const recording = account.find(parameters.get('sid') ?? '');
    if (recording === null) return notFound();
    if (recording.removalFails) return failed(404, 'Error in removing recording');
    const refusal = processing(recording);
    if (refusal) return refusal;
    account.remove(recording.sid, vendor.now() + (deleteNow === '1' ? 0 : vendor.removalDelayMs));
    return succeeded('Recording successfully removed');
  },
};
