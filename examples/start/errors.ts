import { isIsovecError, loadModel } from 'isovec';

try {
  await loadModel('./no-such-folder', { offline: true });
} catch (error) {
  if (!isIsovecError(error)) throw error;
  console.log(error.code); // a name that stays: test it, not the message
}
