using Microsoft.Extensions.Configuration;

var builder = DistributedApplication.CreateBuilder(args);

// Each replica is a resource with its own port, socket and health. What crashes or hangs is replaced.
var api = builder.AddReplicas<Projects.GeneratedClassName_Api>("api", count: 3, max: 6, replica => replica
        .WithHttpHealthCheck("/health"))
    .WithSupervisor();

// nginx in front: it balances over the healthy replicas and answers itself when there is none.
builder.AddNginx("nginx", port: builder.Configuration.GetValue("Nginx:Port", 8080))
    .WithReverseProxy("/", api)
    .WithCors(cors => cors.AllowAnyOrigin().WithMethods("GET", "POST").WithHeaders("Content-Type"))
    .WithErrorPage("../nginx/50x.html", 500, 502, 503, 504)
    .WithExternalHttpEndpoints()
    .WithSupervisor()
    .WaitFor(api);

builder.Build().Run();
