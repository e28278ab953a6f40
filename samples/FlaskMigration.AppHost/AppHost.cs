using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// What there is: the Flask application on gunicorn, as it was.
var flask = builder.AddGunicornApp("flask", "../flask-proj", "wsgi:app")
    .WithHttpHealthCheck("/")
    .WithSupervisor();

// What takes over, route by route.
var api = builder.AddReplicas<Projects.FlaskStack_Api>("api", count: 2, configure: replica => replica
        .WithHttpHealthCheck("/health"))
    .WithSupervisor();

// One address for both. A tenth of /server goes to .NET already, until the command canary-share says otherwise; of the rest of the
// application .NET gets copies, and nginx compares its answers with Flask's.
builder.AddNginx("nginx", builder.Configuration.GetValue<int?>("Nginx:Port") ?? 8080)
    .WithReverseProxy("/", flask)
    .WithReverseProxy("/server", flask)
    .WithCanary("/server", api, percent: 10)
    .WithShadow("/", api)
    .WithErrorPage("../../nginx/50x.html", 500, 502, 503, 504)
    .WithExternalHttpEndpoints()
    .WithSupervisor()
    .WaitFor(flask)
    .WaitFor(api);

// Published with the step publish-server: systemd units, the nginx site and scripts.
builder.AddSystemdTarget("server");
builder.Build().Run();
