using System.Globalization;
using FlaskStack.AppHost.Settings;

var builder = DistributedApplication.CreateBuilder(args);
var settings = StackSettings.Read(builder.Configuration);

// The Flask app and gunicorn's workers: each replica is a resource with its own port, socket and health.
var api = builder.AddReplicas<Projects.FlaskStack_Api>("api", settings.Replicas, settings.MaxReplicas, replica => replica
        .WithEnvironment("Api__MaxBodyBytes", settings.MaxBodyBytes.ToString(CultureInfo.InvariantCulture))
        // nginx decides which requests are traced, so that a trace has both its parts or none.
        .WithEnvironment("OTEL_TRACES_SAMPLER", "parentbased_always_on")
        // Metrics every second, as in development otherwise, take more of the processor than the requests of a calm service.
        .WithEnvironment("OTEL_METRIC_EXPORT_INTERVAL", "5000")
        .WithHttpHealthCheck("/health"))
    // supervisor: what crashes or hangs is replaced; reload, scale-up and scale-down are commands.
    .WithSupervisor(supervisor => supervisor with
    {
        MaxRequests = settings.MaxRequests,
        MaxRequestsJitter = settings.MaxRequests / 10 ?? 0,
        RequestCountPath = "/alive/requests",
    });

// nginx in front: load balancing over the healthy replicas, CORS, forwarded headers, an error page of its own.
builder.AddNginx("nginx", settings.Port)
    .WithReverseProxy("/", api)
    .WithCors(cors => cors
        .WithAllowedOrigins(settings)
        .WithMethods("GET", "POST", "OPTIONS")
        .WithHeaders("Authorization", "Content-Type", "X-Requested-With", "traceparent", "tracestate")
        .SetPreflightMaxAge(TimeSpan.FromDays(1)))
    .WithErrorPage("../nginx/50x.html", 500, 502, 503, 504)
    .WithProblemDetails()
    .WithRequestLimits(limits => limits with { MaxBodySize = Math.Max(limits.MaxBodySize, settings.MaxBodyBytes) })
    .WithConfigSnippets("../nginx/conf.d")
    .PublishWithDockerfile("../nginx/Dockerfile")
    .WithExternalHttpEndpoints()
    .WithSupervisor()
    .WaitFor(api);

// aspire do publish-compose and so on: docs/deploy-*.md.
builder.AddDeploymentTarget();

builder.Build().Run();
