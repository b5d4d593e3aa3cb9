/* The other side's picture over other apps, where the browser can: by a button, or when people change to another app. */
export function floatPicture(view) {
  const video = view.root.querySelector("[data-main] video"), button = view.at("float");
  if (!document.pictureInPictureEnabled || !video.requestPictureInPicture) return;
  const float = () => video.requestPictureInPicture();
  button.hidden = false;
  button.addEventListener("click", () => {
    const done = document.pictureInPictureElement ? document.exitPictureInPicture() : float();
    done.catch(() => view.tell(view.words["float-failed"]));
  });
  try { navigator.mediaSession?.setActionHandler("enterpictureinpicture", () => { float().catch(() => {}); }); } catch { /* the browser does not know this action */ }
}
