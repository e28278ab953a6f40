using FlaskStack.AppHost.Settings;

StartError.PrintInOneLine();
var builder = DistributedApplication.CreateBuilder(StackSettings.Options(args));
var settings = StackSettings.Read(builder.Configuration);
if (settings.IsBatch)
{
    Scheduling.UseBatch();
}

var native = NativeApi.Add<Projects.FlaskStack_Api>(builder, settings.Native);

// The Flask app and gunicorn's workers: each replica is a resource with its own port, socket and health.
var api = builder.AddReplicas<Projects.FlaskStack_Api>("api", settings.Replicas, settings.MaxReplicas, replica =>
    {
        replica.WithApiSettings(settings).WithHttpHealthCheck("/health");
        native?.Run(replica);
    })
    // supervisor: what crashes or hangs is replaced; reload and scale are commands.
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
builder.SendWhereSomebodyListens();

builder.Build().Run();
