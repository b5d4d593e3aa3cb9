/* Which browser is this, to explain where its permissions are? */
export function browser() {
  const name = navigator.userAgent;
  if (/iPhone|iPad|iPod/.test(name) || (/Macintosh/.test(name) && navigator.maxTouchPoints > 1)) return "ios";
  if (/Firefox/.test(name)) return "firefox";
  return /Android/.test(name) ? "android" : "other";
}

/* What is missing for a call: nothing (""), https, or a newer browser. */
export function lacking() {
  if (!isSecureContext) return "insecure";
  return navigator.mediaDevices && window.RTCPeerConnection && AbortSignal.timeout ? "" : "old";
}
