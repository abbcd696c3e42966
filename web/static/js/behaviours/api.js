// Shows the description of the routes with the bundled viewer; nothing leaves this server.

/** @type {HTMLElement | null} */
const place = document.querySelector("#description");
if (place) {
  /** @type {any} */ (window).SwaggerUIBundle({
    domNode: place,
    url: place.dataset.address,
    validatorUrl: null,
    defaultModelsExpandDepth: -1,
    docExpansion: "list",
  });
}
