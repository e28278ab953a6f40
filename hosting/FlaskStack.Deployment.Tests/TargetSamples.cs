using System.Reflection;
using System.Runtime.Versioning;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace FlaskStack.Deployment.Tests;

/// <summary>A small application in which an option is set: an API of two replicas, another one, and nginx in front.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class TargetModel
{
    private static readonly string[] Secrets = ["certificate", "key", "other-certificate", "other-key", "password"];

    private readonly string _folder;
    private readonly Dictionary<string, IResourceBuilder<ParameterResource>> _parameters;

    public TargetModel(IDistributedApplicationBuilder builder, string step, string folder, bool hasDockerfile)
    {
        (Step, Builder, _folder) = (step, builder, folder);
        Directory.CreateDirectory(PathOf("site"));
        Directory.CreateDirectory(PathOf("conf.d"));
        foreach (var (name, text) in new[]
        {
            ("Dockerfile", "FROM nginx"), ("page.html", "sorry"), ("site/index.html", "site"), ("conf.d/a.conf", "add_header X-Team blue;"),
        })
        {
            File.WriteAllText(PathOf(name), text);
        }

        _parameters = Secrets.ToDictionary(static name => name, name => builder.AddParameter(name, secret: true), StringComparer.Ordinal);
        Api = builder.AddSmallProject("api").WithReplicas(2).WithHttpHealthCheck("/health");
        Next = builder.AddSmallProject("next");
        Site = builder.CreateResourceBuilder(new SiteImage("site"))
            .WithImage("registry.example/site", "1")
            .WithContainerFilesSource("/dist");
        Nginx = builder.AddNginx("nginx", 8080).WithReverseProxy("/", Api).WithExternalHttpEndpoints();
        if (hasDockerfile)
        {
            Nginx.PublishWithDockerfile(PathOf("Dockerfile"));
        }

        _ = step switch
        {
            "publish-compose" => (object)builder.AddComposeTarget("compose"),
            "publish-kubernetes" => builder.AddKubernetesTarget(
                "kubernetes", cluster => cluster.RouteFromIngress(Nginx.GetEndpoint("http"), "shop.example", tlsSecret: "shop-tls")),
            "publish-systemd" => builder.AddSystemdTarget("systemd"),
            _ => builder.AddContainerAppModules(),
        };
    }

    public string Step { get; }

    public IDistributedApplicationBuilder Builder { get; }

    public IResourceBuilder<ProjectResource> Api { get; }

    public IResourceBuilder<ProjectResource> Next { get; }

    public IResourceBuilder<NginxResource> Nginx { get; }

    /// <summary>An image with files, which is not in the model.</summary>
    public IResourceBuilder<SiteImage> Site { get; }

    public string PathOf(string name) => Path.Join(_folder, name);

    /// <summary>A secret, one of those that the model has in any case.</summary>
    public IResourceBuilder<ParameterResource> Parameter(string name) => _parameters[name];

    /// <summary>What <c>WithTls</c> needs where nginx itself ends TLS.</summary>
    public NginxTlsOptions Certify(NginxTlsOptions tls) => Step switch
    {
        "publish-compose" => tls with { Certificate = Parameter("certificate"), PrivateKey = Parameter("key") },
        "publish-systemd" => tls with { CertificateFile = "/etc/a.pem", KeyFile = "/etc/a.key" },
        _ => tls,
    };
}

internal sealed class SiteImage(string name) : ContainerResource(name), IResourceWithContainerFiles;

/// <summary>A sample of each option: without it, and with it.</summary>
[UnsupportedOSPlatform("windows")]
internal static class TargetSamples
{
    private static readonly Dictionary<string, Sample> All = new(StringComparer.Ordinal)
    {
        ["PublishWithDockerfile"] = Of(static model => model.Nginx.PublishWithDockerfile(model.PathOf("Dockerfile"))),
        ["PublishWithStaticFiles"] = Of(static model => model.Nginx.PublishWithStaticFiles(model.Site, "/site")),
        ["WithAccessLog"] = Of(static model => model.Nginx.WithAccessLog()),
        ["WithAcmeChallenge"] = Of(static model => model.Nginx.WithAcmeChallenge("/var/www/certbot")),
        ["WithBasicAuth"] = Of(static model => model.Nginx.WithBasicAuth("editor", model.Parameter("password"))),
        ["WithCache"] = Of<NginxCacheOptions>(static (model, change) => model.Nginx.WithCache(change)),
        ["WithCanary"] = Of<NginxCanaryOptions>(static (model, change) => model.Nginx.WithCanary("/", model.Next, 5, change)),
        ["WithCompression"] = Of<NginxCompression>(static (model, change) => model.Nginx.WithCompression(change)),
        ["WithConfigSnippets"] = Of(static model => model.Nginx.WithConfigSnippets(model.PathOf("conf.d"))),
        ["WithConfiguration"] = new(
            [
                .. typeof(NginxConfigurationBuilder).GetMethods().Concat(typeof(NginxRouteBuilder).GetMethods())
                    .Where(static method => method.ReturnType == typeof(NginxRouteBuilder) || method.ReturnType == typeof(NginxCluster))
                    .Select(static method => method.Name).Distinct(),
            ],
            static _ => true,
            (model, part, isChanged) => model.Nginx.WithConfiguration(routes => AddRoutes(routes, model, part, isChanged))),
        ["WithCors"] = Of(static model => model.Nginx.WithCors(static cors => cors.WithOrigins("https://a.example").WithMethods("GET"))),
        ["WithErrorPage"] = Of(static model => model.Nginx.WithErrorPage(model.PathOf("page.html"), 502)),
        ["WithHostHttpsPort"] = Of(static model => model.Nginx.WithHostHttpsPort(8443), static model => model.Nginx.WithTls(model.Certify)),
        ["WithHostPort"] = Of(static model => model.Nginx.WithHostPort(8081)),
        ["WithHttpSnippet"] = Of(static model => model.Nginx.WithHttpSnippet("underscores_in_headers on;")),
        ["WithHttpsRedirect"] = Of(static model => model.Nginx.WithHttpsRedirect(), static model => model.Nginx.WithTls(model.Certify)),
        ["RunAsContainer"] = Of(static model => model.Nginx.RunAsContainer()),
        ["WithLocationSnippet"] = Of(static model => model.Nginx.WithLocationSnippet("/", "proxy_read_timeout 10m;")),
        ["WithLoadBalancingPolicy"] = Of(static model => model.Nginx.WithLoadBalancingPolicy(NginxLoadBalancing.Random)),
        ["WithMaxRequestBodySize"] = Of(static model => model.Nginx.WithMaxRequestBodySize(1_000_000)),
        ["WithNginxPath"] = Of(static model => model.Nginx.WithNginxPath("/opt/nginx")),
        ["WithPrivatePaths"] = Of(static model => model.Nginx.WithPrivatePaths("/metrics")),
        ["WithProblemDetails"] = Of(static model => model.Nginx.WithProblemDetails()),
        ["WithRateLimit"] = Of(static model => model.Nginx.WithRateLimit(100)),
        ["WithRequestLimits"] = Of<NginxRequestLimits>(
            static (model, change) => model.Nginx.WithRequestLimits(change),
            ("Burst", static (_, limits) => limits with { RequestsPerSecond = 9 }, static (_, limits) => limits with { Burst = 7 }),
            ("RequestsPerSecond", null, static (_, limits) => limits with { RequestsPerSecond = 9 }),
            ("ConnectionsPerClient", null, static (_, limits) => limits with { ConnectionsPerClient = 9 })),
        ["WithReverseProxy"] = Of<NginxRouteOptions>(
            static (model, change) => model.Nginx.WithReverseProxy("/next", model.Next, configure: change)),
        ["WithSecurityHeaders"] = Of<NginxSecurityHeaders>(static (model, change) => model.Nginx.WithSecurityHeaders(change)),
        ["WithServerName"] = Of(static model => model.Nginx.WithServerName("shop.example")),
        ["WithServerSnippet"] = Of(static model => model.Nginx.WithServerSnippet("add_header X-Team blue;")),
        ["WithShadow"] = Of<NginxShadowOptions>(static (model, change) => model.Nginx.WithShadow("/", model.Next, change)),
        ["WithSpaFallback"] = Of(
            static model => model.Nginx.WithSpaFallback(), static model => model.Nginx.WithStaticFiles("/site", model.PathOf("site"))),
        ["WithStaticFiles"] = Of<NginxStaticFileOptions>(
            static (model, change) => model.Nginx.WithStaticFiles("/site", model.PathOf("site"), change),
            ("ImmutableFolders", null, static (_, files) => files with { ImmutableFolders = ["assets"] })),
        ["WithStickySessions"] = Of<NginxStickySessions>(static (model, change) => model.Nginx.WithStickySessions(change)),
        ["WithTelemetry"] = Of<NginxTelemetry>(static (model, change) => model.Nginx.WithTelemetry(change)),
        ["WithTimeouts"] = Of<NginxTimeouts>(
            static (model, change) => model.Nginx.WithTimeouts(change),
            ("Session", null, static (_, timeouts) => timeouts with { Session = TimeSpan.FromHours(1) }),
            ("Shutdown", null, static (_, timeouts) => timeouts with { Shutdown = TimeSpan.FromSeconds(100) })),
        ["WithTls"] = Of<NginxTlsOptions>(
            static (model, change) => model.Nginx.WithTls(tls => change(model.Certify(tls))),
            ("CertificateFile", null, static (_, _) => new() { CertificateFile = "/etc/b.pem", KeyFile = "/etc/a.key" }),
            ("KeyFile", null, static (_, _) => new() { CertificateFile = "/etc/a.pem", KeyFile = "/etc/b.key" }),
            ("Certificate", null, static (model, _) => Pair(model, "other-certificate", "key")),
            ("PrivateKey", null, static (model, _) => Pair(model, "certificate", "other-key")),
            ("Hsts", null, static (_, tls) => tls with { Hsts = TimeSpan.FromDays(7) }),
            (
                "HstsIncludesSubdomains",
                static (_, tls) => tls with { Hsts = TimeSpan.FromDays(7) },
                static (_, tls) => tls with { HstsIncludesSubdomains = true })),
        ["WithTrustedProxies"] = Of(static model => model.Nginx.WithTrustedProxies("10.0.0.0/8")),
        ["WithUpstream"] = Of<NginxUpstreamSettings>(static (model, change) => model.Nginx.WithUpstream(change)),
        ["WithWorkers"] = Of<NginxWorkers>(
            static (model, change) => model.Nginx.WithWorkers(change),
            ("Processes", null, static (_, workers) => workers with { Processes = 3 }),
            ("Connections", null, static (_, workers) => workers with { Connections = 700 }),
            ("User", null, static (_, workers) => workers with { User = "www-data" }),
            (
                "Group",
                static (_, workers) => workers with { User = "www-data" },
                static (_, workers) => workers with { Group = "www-data" })),
        ["WithAutoscaling"] = Of<AutoscalingOptions>(
            static (model, change) => model.Builder.AddReplicas<Projects.SampleApi>("group", 1, 4).WithAutoscaling(change),
            ("MinReplicas", null, static (_, scaling) => scaling with { MinReplicas = 2 })),
        ["WithSupervisor"] = Of<SupervisorOptions>(
            static (model, change) => model.Api.WithSupervisor(change),
            ("Autorestart", null, static (_, options) => options with { Autorestart = SupervisorAutorestart.Never }),
            ("ExitCodes", null, static (_, options) => options with { ExitCodes = [0, 3] }),
            ("StopSignal", null, static (_, options) => options with { StopSignal = "SIGINT" }),
            ("Backoff.Initial", null, static (_, options) => options with { Backoff = new() { Initial = TimeSpan.FromSeconds(3) } }),
            ("Backoff.Factor", null, static (_, options) => options with { Backoff = new() { Factor = 3 } }),
            ("Backoff.Cap", null, static (_, options) => options with { Backoff = new() { Cap = TimeSpan.FromSeconds(60) } }),
            ("Backoff.Jitter", null, static (_, options) => options with { Backoff = new() { Jitter = 0.5 } }),
            ("Watchdog.Enabled", null, static (_, options) => options with { Watchdog = new() { Enabled = false } }),
            ("Watchdog.Timeout", null, static (_, options) => options with { Watchdog = new() { Timeout = TimeSpan.FromSeconds(50) } }),
            ("MemoryLimit", null, static (_, options) => options with { MemoryLimit = 1 << 28 }),
            ("MaxRequests", null, static (_, options) => options with { MaxRequests = 900, RequestCountPath = "/count" }),
            (
                "MaxRequestsJitter",
                static (_, options) => options with { MaxRequests = 900, RequestCountPath = "/count" },
                static (_, options) => options with { MaxRequestsJitter = 9 }),
            (
                "RequestCountPath",
                static (_, options) => options with { MaxRequests = 900, RequestCountPath = "/count" },
                static (_, options) => options with { RequestCountPath = "/requests" }),
            ("MaxLifetime", null, static (_, options) => options with { MaxLifetime = TimeSpan.FromHours(1) }),
            (
                "MaxLifetimeJitter",
                static (_, options) => options with { MaxLifetime = TimeSpan.FromHours(1) },
                static (_, options) => options with { MaxLifetimeJitter = TimeSpan.FromMinutes(1) }),
            ("MinAvailable", null, static (_, options) => options with { MinAvailable = 1 }),
            ("MaxReplicas", null, static (_, options) => options with { MaxReplicas = 6 })),
    };

    /// <summary>What can be set by a method one by one; none where it is the method alone.</summary>
    public static IReadOnlyList<string> Parts(string method) => All[method].Parts;

    /// <summary>A key of the application without an option, which is the same for most parts of one.</summary>
    public static string BaselineOf(string method, string part) => All[method].HasOwnBaseline(part) ? $"{method} {part}" : method;

    /// <summary>Declares the application with or without an option, or a part of it.</summary>
    public static void Declare(
        IDistributedApplicationBuilder builder, string step, string folder, string method, string part, bool isChanged)
    {
        var model = new TargetModel(builder, step, folder, hasDockerfile: method != nameof(NginxBuilderExtensions.PublishWithDockerfile));
        All[method].Apply(model, part, isChanged);
    }

    private static NginxTlsOptions Pair(TargetModel model, string certificate, string key) =>
        new() { Certificate = model.Parameter(certificate), PrivateKey = model.Parameter(key) };

    private static Sample Of(Action<TargetModel> apply, Action<TargetModel>? prepare = null)
    {
        return new([], static _ => false, Apply);

        void Apply(TargetModel model, string part, bool isChanged)
        {
            prepare?.Invoke(model);
            if (isChanged)
            {
                apply(model);
            }
        }
    }

    /// <summary>An option with a record: the properties without a sample of their own get another value of their type.</summary>
    private static Sample Of<T>(
        Action<TargetModel, Func<T, T>> apply,
        params (string Property, Func<TargetModel, T, T>? Prepare, Func<TargetModel, T, T> Change)[] samples)
        where T : class
    {
        var known = samples.ToDictionary(static sample => sample.Property, StringComparer.Ordinal);
        var plain = typeof(T).GetProperties()
            .Where(property => property.CanWrite && known.Keys.All(name => name.Split('.')[0] != property.Name))
            .ToDictionary(static property => property.Name, StringComparer.Ordinal);
        return new([.. known.Keys, .. plain.Keys], part => known.GetValueOrDefault(part).Prepare is not null, Apply);

        void Apply(TargetModel model, string part, bool isChanged) => apply(model, options =>
        {
            if (known.TryGetValue(part, out var sample))
            {
                options = sample.Prepare?.Invoke(model, options) ?? options;
                return isChanged ? sample.Change(model, options) : options;
            }

            return isChanged ? Changed(options, plain[part]) : options;
        });
    }

    /// <summary>A copy with another value of a property.</summary>
    private static T Changed<T>(T options, PropertyInfo property)
        where T : class
    {
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(options, null)!;
        property.SetValue(copy, property.GetValue(options) switch
        {
            bool value => !value,
            int value => value + 1,
            long value => value + 4096,
            double value => value * 0.9,
            TimeSpan value => value + TimeSpan.FromSeconds(1),
            string value => $"{value}1",
            null when property.PropertyType == typeof(string) => "default-src 'self'",
            var value => throw new InvalidOperationException($"{typeof(T).Name}.{property.Name} of {value?.GetType()} needs a sample."),
        });
        return copy;
    }

    private static void AddRoutes(NginxConfigurationBuilder routes, TargetModel model, string part, bool isChanged)
    {
        if (part == nameof(NginxConfigurationBuilder.AddRedirect) && isChanged)
        {
            routes.AddRedirect("/old", "/new");
            return;
        }

        if (part == nameof(NginxConfigurationBuilder.AddResponse) && isChanged)
        {
            routes.AddResponse("/ping", 200, "pong");
            return;
        }

        if (part == nameof(NginxConfigurationBuilder.AddCluster) && isChanged)
        {
            routes.AddRoute("/both", routes.AddCluster("both", model.Api, model.Next));
            return;
        }

        if (!isChanged && part.StartsWith("Add", StringComparison.Ordinal))
        {
            return;
        }

        var service = model.Builder.AddExternalService("geo", "https://geo.example.com");
        var route = part == nameof(NginxRouteBuilder.WithTransformUseOriginalHostHeader)
            ? routes.AddRoute("/next", service) : routes.AddRoute("/next", model.Next);
        _ = isChanged ? part switch
        {
            nameof(NginxRouteBuilder.WithMatchHosts) => route.WithMatchHosts("a.example"),
            nameof(NginxRouteBuilder.WithMatchMethods) => route.WithMatchMethods("GET"),
            nameof(NginxRouteBuilder.WithMatchHeaders) => route.WithMatchHeaders("X-Version", "2"),
            nameof(NginxRouteBuilder.WithMatchRouteQueryParameter) => route.WithMatchRouteQueryParameter("v", "2"),
            nameof(NginxRouteBuilder.WithLocationSnippet) => route.WithLocationSnippet("proxy_read_timeout 10m;"),
            nameof(NginxRouteBuilder.WithTransformPathRemovePrefix) => route.WithTransformPathRemovePrefix("/next"),
            nameof(NginxRouteBuilder.WithTransformPathPrefix) => route.WithTransformPathPrefix("/v2"),
            nameof(NginxRouteBuilder.WithTransformRequestHeader) => route.WithTransformRequestHeader("X-Team", "blue"),
            nameof(NginxRouteBuilder.WithTransformResponseHeader) => route.WithTransformResponseHeader("X-Team", "blue"),
            nameof(NginxRouteBuilder.WithTransformUseOriginalHostHeader) => route.WithTransformUseOriginalHostHeader(),
            nameof(NginxRouteBuilder.WithOptions) => route.WithOptions(static options => options with { RequestBuffering = false }),
            nameof(NginxConfigurationBuilder.AddRoute) => route,
            _ => throw new InvalidOperationException($"{part} needs a sample."),
        } : route;
    }

    /// <param name="Parts">What can be set one by one.</param>
    /// <param name="HasOwnBaseline">Whether a part is compared with something of its own.</param>
    /// <param name="Apply">Sets the option or one part of it, or what it is compared with.</param>
    private sealed record Sample(IReadOnlyList<string> Parts, Predicate<string> HasOwnBaseline, Action<TargetModel, string, bool> Apply);
}
