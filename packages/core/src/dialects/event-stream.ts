/** Whether a media type is that of server-sent events; an upstream that names none is believed to send what it was asked for. */
export function isEventStream(contentType: string | undefined): boolean {
  return contentType === undefined || /^text\/event-stream\b/i.test(contentType);
}
