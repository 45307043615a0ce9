// A batch that is being issued: asks how far it is, and shows the page anew when it is done.

const PAUSE = 1_000;

const section = document.getElementById("moving");
const bar = document.getElementById("progress");
const done = document.getElementById("done");
const words = new Intl.NumberFormat(document.documentElement.lang);

async function isOver() {
  const answer = await fetch(`/v1/batches/${section.dataset.number}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) return false;
  const batch = await answer.json();
  bar.value = batch.done;
  done.textContent = words.format(batch.done);
  return batch.status === "issued" || batch.status === "failed";
}

async function watch() {
  try {
    if (await isOver()) {
      location.reload();
      return;
    }
  } catch {
    // The network is away: the next time may do.
  }
  setTimeout(watch, PAUSE);
}

watch();
