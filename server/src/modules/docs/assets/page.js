// Shows the API's description. It is closed like the API itself: a browser that is logged in to the dashboard gets it by
// its cookie, any other is asked for the token, which then is also the one that calls are tried with.
(function () {
  var form = document.getElementById("login");
  var problem = document.getElementById("problem");

  function load(token) {
    return fetch("/swagger/json", { headers: token ? { authorization: "Bearer " + token } : {} }).then(
      function (response) {
        if (response.status === 401) return ask(token ? "That token is not the one this server was started with." : "");
        if (!response.ok) throw new Error("status " + response.status);
        return response.json().then(function (spec) {
          show(spec, token);
        });
      },
    );
  }

  function ask(message) {
    problem.textContent = message;
    form.hidden = false;
    document.getElementById("token").focus();
  }

  function show(spec, token) {
    form.hidden = true;
    var ui = SwaggerUIBundle({
      spec: spec,
      dom_id: "#swagger-ui",
      deepLinking: true,
      // Its default asks a validator on the internet.
      validatorUrl: null,
      onComplete: function () {
        if (token) ui.preauthorizeApiKey("bearer", token);
      },
    });
  }

  function attempt(token) {
    load(token).catch(function (error) {
      ask("The API's description could not be loaded: " + error.message + ".");
    });
  }

  form.addEventListener("submit", function (event) {
    event.preventDefault();
    attempt(document.getElementById("token").value.trim());
  });
  attempt("");
})();
