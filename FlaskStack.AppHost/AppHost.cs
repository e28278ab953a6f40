using FlaskStack.AppHost;

StartError.PrintInOneLine();
OpenFileLimit.Check();
var builder = DistributedApplication.CreateBuilder(StackSettings.Options(args));
var settings = builder.AddStackSettings();

// Each replica is a resource with its own port, socket and health. The supervisor replaces replicas that crash or hang.
var api = builder.AddReplicas<Projects.FlaskStack_Api>("api", settings.Replicas, settings.MaxReplicas, replica => replica
        .WithApiSettings(settings)
        .WithHttpHealthCheck("/health"))
    .WithSupervisor(supervisor => supervisor.WithRequestLimit(settings));

// nginx in front: it balances over the healthy replicas, and shows the error page if there is none.
builder.AddNginx("nginx", settings.Port)
    .WithReverseProxy("/", api)
    .WithCors(cors => cors
        .WithAllowedOrigins(settings)
        .WithMethods("GET", "POST", "OPTIONS")
        .WithHeaders("Authorization", "Content-Type", "X-Requested-With", "traceparent", "tracestate")
        .SetPreflightMaxAge(TimeSpan.FromDays(1)))
    .WithErrorPage("../nginx/50x.html", 500, 502, 503, 504)
    .WithProblemDetails()
    .WithBodyLimit(settings)
    .WithCertificate(builder.Configuration["Deploy:Certificate"])
    .WithConfigSnippets("../nginx/conf.d")
    .PublishWithDockerfile("../nginx/Dockerfile")
    .WithExternalHttpEndpoints()
    .WithSupervisor()
    .WaitFor(api);

builder.AddDeploymentTarget();
builder.Build().Run();
