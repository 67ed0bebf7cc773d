// Packs pictures as JPEG in a thread of its own: neither drawing nor the page waits for it.

const QUALITY = 0.8;
const canvas = new OffscreenCanvas(1, 1);
const brush = canvas.getContext("2d", { alpha: false, willReadFrequently: true });

onmessage = async (event) => {
  const { sequence, picture, width, height } = event.data;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  brush?.drawImage(picture, 0, 0, width, height);
  picture.close();
  const packed = canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  // Given away, neither the picture that came nor this one is copied.
  const copy = canvas.transferToImageBitmap();
  const jpeg = await (await packed).arrayBuffer();
  postMessage({ sequence, jpeg, picture: copy }, { transfer: [jpeg, copy] });
};
