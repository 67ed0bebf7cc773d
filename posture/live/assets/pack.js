// Packs pictures as JPEG in a thread of its own: neither drawing nor the page waits for it.

const QUALITY = 0.8;
const canvas = new OffscreenCanvas(1, 1);
const brush = canvas.getContext("2d", { alpha: false, willReadFrequently: true });

onmessage = async (event) => {
  const { sequence, picture } = event.data;
  if (canvas.width !== picture.width || canvas.height !== picture.height) {
    canvas.width = picture.width;
    canvas.height = picture.height;
  }
  brush?.drawImage(picture, 0, 0);
  picture.close();
  const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  const jpeg = await blob.arrayBuffer();
  postMessage({ sequence, jpeg }, { transfer: [jpeg] });
};
