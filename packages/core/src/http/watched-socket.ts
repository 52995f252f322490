import type { Clock } from "../clock.js";
import { CLOSE_CODES, type MessageSocket } from "../spec/message-socket.js";

const LOOK_EVERY_MS = 60_000;

/**
 * A WebSocket that is closed when whoever opened it is not known any more. For connections that another instance serves,
 * which has not seen the credential.
 */
export function watchedSocket(
  socket: MessageSocket,
  isStillKnown: () => Promise<boolean>,
  clock: Clock,
): MessageSocket {
  let isOver = false;
  const watched: MessageSocket = {
    send: (message) => socket.send(message),
    close(code, reason) {
      finish();
      socket.close(code, reason);
    },
    onMessage: () => {},
    onClose: () => {},
  };
  const finish = () => {
    isOver = true;
    stop();
  };
  const leave = () => {
    if (isOver) return;
    finish();
    watched.onClose();
  };
  const look = async () => {
    if ((await isStillKnown().catch(() => true)) || isOver) return;
    leave(); // nothing that still comes is passed on
    socket.close(CLOSE_CODES.expired, "expired");
  };
  const stop = clock.every(LOOK_EVERY_MS, () => void look());
  socket.onMessage = (message) => {
    if (!isOver) watched.onMessage(message);
  };
  socket.onClose = leave;
  return watched;
}
