using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

/// <summary>How an AppHost adds routes, and the error when one is wrong.</summary>
public sealed class RouteOptionTests
{
    private readonly IDistributedApplicationBuilder _builder =
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });

    [Fact]
    public void Takes_resources_endpoints_and_services_outside_as_targets()
    {
        var api = _builder.AddResource(new FakeService("api"));
        var admin = _builder.AddExecutable("admin", "admin", ".").WithHttpEndpoint(name: "metrics");
        var geo = _builder.AddExternalService("geo", "https://geo.example.com");

        var nginx = _builder.AddNginx("nginx").WithConfiguration(routes =>
        {
            routes.AddRoute(api);
            routes.AddRoute("/api/{**catch-all}", api).WithMatchHosts("A.example", "*.b.example").WithMatchMethods("GET", "POST")
                .WithTransformPathRemovePrefix("/api/").WithTransformPathPrefix("/v2/").WithTransformRequestHeader("X-A", "1")
                .WithTransformRequestHeader("x-a", "2").WithTransformResponseHeader("X-B", "3").WithOptions(options => options with { ResponseBuffering = false });
            routes.AddRoute("/metrics", admin.GetEndpoint("metrics"));
            routes.AddRoute("/geo", geo).WithTransformUseOriginalHostHeader();
            routes.AddRedirect("/old/{**rest}", "/new", permanent: true);
            routes.AddResponse("/ping", 200, "pong");
        });

        var options = nginx.Resource.Annotations.OfType<NginxAnnotation>().Single();
        var (all, changed) = (options.Configuration.Routes, options.Configuration.Routes[1]);
        Assert.Equal(["/", "/api", "/metrics", "/geo", "/old", "/ping"], all.Select(route => route.Path));
        Assert.Equal(["api", "api", "admin_metrics", "geo", null, null], all.Select(route => route.Upstream));
        Assert.Equal(["a.example", "*.b.example"], changed.Hosts.ToArray());
        Assert.Equal(("/api", "/v2", false), (changed.RemovedPrefix, changed.AddedPrefix, changed.Options.ResponseBuffering));
        Assert.Equal([new("x-a", "2")], changed.RequestHeaders.ToArray());
        Assert.Equal(["api", "admin"], options.Sources.Select(source => source.Resource.Name));
        Assert.Equal(
            ["api", "admin", "geo"],
            nginx.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Select(relation => relation.Resource.Name));
    }

    [Theory]
    [InlineData("/{**catch-all}", "/")]
    [InlineData("/{**x}", "/")]
    [InlineData("/a/b/{**x}", "/a/b")]
    public void A_catch_all_pattern_is_the_path_before_it(string pattern, string path)
    {
        var nginx = _builder.AddNginx("nginx").WithConfiguration(routes => routes.AddResponse(pattern, 204));

        Assert.Equal(path, nginx.Resource.Annotations.OfType<NginxAnnotation>().Single().Configuration.Routes.Single().Path);
    }

    [Theory]
    [InlineData("/api/{id}")]
    [InlineData("/api/{**rest}/x")]
    [InlineData("/api/*")]
    [InlineData("/{a}/{**rest}")]
    public void Other_patterns_are_refused(string pattern) => Assert.EndsWith(
        $"AddRoute: the path \"{pattern}\" has a pattern that nginx does not match; write /api or /api/{{**catch-all}}, which are both for /api and all below it.",
        Error(routes => routes.AddRoute(pattern, _builder.AddResource(new FakeService("api")))),
        StringComparison.Ordinal);

    [Fact]
    public void Says_what_is_wrong_with_a_route()
    {
        var api = _builder.AddResource(new FakeService("api"));

        Assert.Contains("WithMatchHosts: \"https://a\" is no host name", Error(routes => routes.AddRoute(api).WithMatchHosts("https://a")), StringComparison.Ordinal);
        Assert.Contains("WithMatchMethods: \"get\" is no method", Error(routes => routes.AddRoute(api).WithMatchMethods("get")), StringComparison.Ordinal);
        Assert.Contains("WithTransformPathRemovePrefix: \"/b\" is not the beginning of the route's path \"/a\"", Error(routes => routes.AddRoute("/a", api).WithTransformPathRemovePrefix("/b")), StringComparison.Ordinal);
        Assert.Contains("WithTransformPathRemovePrefix: \"/a\" is not the beginning of the route's path \"/ab\"", Error(routes => routes.AddRoute("/ab", api).WithTransformPathRemovePrefix("/a")), StringComparison.Ordinal);
        Assert.Contains("WithTransformPathRemovePrefix: the path \"/\"", Error(routes => routes.AddRoute(api).WithTransformPathRemovePrefix("/")), StringComparison.Ordinal);
        Assert.Contains("WithTransformPathPrefix: the path \"v2\"", Error(routes => routes.AddRoute(api).WithTransformPathPrefix("v2")), StringComparison.Ordinal);
        Assert.Contains("WithTransformPathPrefix: the path \"\"", Error(routes => routes.AddRoute(api).WithTransformPathPrefix("/")), StringComparison.Ordinal);
        Assert.Contains("WithTransformRequestHeader: host is set by nginx itself", Error(routes => routes.AddRoute(api).WithTransformRequestHeader("host", "a")), StringComparison.Ordinal);
        Assert.Contains("WithTransformRequestHeader: \"X_A\" is no name", Error(routes => routes.AddRoute(api).WithTransformRequestHeader("X_A", "a")), StringComparison.Ordinal);
        Assert.Contains("use up to 40 letters, digits and '-'.", Error(routes => routes.AddRoute(api).WithTransformRequestHeader(new string('x', 41), "a")), StringComparison.Ordinal);
        Assert.Contains("WithTransformResponseHeader: Set-Cookie is set", Error(routes => routes.AddRoute(api).WithTransformResponseHeader("Set-Cookie", "a")), StringComparison.Ordinal);
        Assert.Contains("WithTransformResponseHeader: the value of X-A", Error(routes => routes.AddRoute(api).WithTransformResponseHeader("X-A", "a\r\nX-B: c")), StringComparison.Ordinal);
        Assert.Contains("AddRedirect: \"//evil\" is no target", Error(routes => routes.AddRedirect("/a", "//evil")), StringComparison.Ordinal);
        Assert.Contains("AddRedirect: \"javascript:x\" is no target", Error(routes => routes.AddRedirect("/a", "javascript:x")), StringComparison.Ordinal);
        Assert.Contains("AddRedirect: \"/a\" is passed to no resource", Error(routes => routes.AddRedirect("/a", "/b").WithTransformPathPrefix("/c")), StringComparison.Ordinal);
        Assert.Contains("AddResponse: 99 is no status", Error(routes => routes.AddResponse("/a", 99)), StringComparison.Ordinal);
        Assert.Contains("AddResponse: a response 204 has no body", Error(routes => routes.AddResponse("/a", 204, "x")), StringComparison.Ordinal);
        Assert.Contains("AddResponse: the body for \"/a\" is longer than 4000 bytes", Error(routes => routes.AddResponse("/a", 200, new string('x', 4001))), StringComparison.Ordinal);
        Assert.Contains("AddResponse: \"a\nb\" is no content type", Error(routes => routes.AddResponse("/a", 200, "x", "a\nb")), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_routes_for_the_same_requests_are_refused_and_others_are_not()
    {
        var api = _builder.AddResource(new FakeService("api"));
        var nginx = _builder.AddNginx("other").WithConfiguration(routes =>
        {
            routes.AddRoute("/a", api);
            routes.AddRoute("/a/", api).WithMatchMethods("POST");
            routes.AddRoute("/a", api).WithMatchHosts("a.example");
            routes.AddRoute("/a", api).WithMatchHosts("*.a.example");
        });

        Assert.Contains("AddRoute: the path \"/a\" is taken already by AddRoute", Refused(routes => routes.AddRoute("/a/{**x}", api)), StringComparison.Ordinal);
        Assert.Contains("is taken already", Refused(routes => routes.AddRoute("/a", api).WithMatchMethods("PUT", "POST")), StringComparison.Ordinal);
        Assert.Contains("is taken already", Refused(routes => routes.AddRoute("/%61", api).WithMatchHosts("b.example", "A.example")), StringComparison.Ordinal);

        string Refused(Action<NginxConfigurationBuilder> configure) =>
            Assert.Throws<DistributedApplicationException>(() => nginx.WithConfiguration(configure)).Message;
    }

    private string Error(Action<NginxConfigurationBuilder> configure) => Assert
        .Throws<DistributedApplicationException>(() => _builder.AddNginx($"nginx-{_builder.Resources.Count}").WithConfiguration(configure)).Message;
}
