// The specimen follows the choice of sheet or roll.

const stock = document.getElementById("stock");
const picture = document.getElementById("specimen");

if (stock && picture) {
  stock.addEventListener("change", () => {
    picture.src = `${picture.dataset.path}?stock=${encodeURIComponent(stock.value)}`;
  });
}
