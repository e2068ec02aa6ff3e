// Swagger UI's two scripts, loaded before this one, leave these globals.
const { SwaggerUIBundle, SwaggerUIStandalonePreset } = window;

const element = document.getElementById("swagger-ui");
const services = element.dataset.services.split(" ");

SwaggerUIBundle({
  domNode: element,
  urls: services.map((name) => ({ name, url: `/specs/${name}.json` })),
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  deepLinking: true,
  displayRequestDuration: true,
  // By default a spec's URL goes to a validator on the internet.
  validatorUrl: null,
});
