using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Nginx.Configuration;
using static Aspire.Hosting.Nginx.Tests.Refusal;

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
                .WithTransformRequestHeader("x-a", "2").WithTransformResponseHeader("X-B", "3")
                .WithOptions(options => options with { ResponseBuffering = false });
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
        $"AddRoute: the path \"{pattern}\" has a pattern that nginx does not match; "
        + "write /api or /api/{**catch-all}, which are both for /api and all below it.",
        Error(routes => routes.AddRoute(pattern, _builder.AddResource(new FakeService("api")))),
        StringComparison.Ordinal);

    [Fact]
    public void Says_what_is_wrong_with_a_route()
    {
        var api = _builder.AddResource(new FakeService("api"));

        AssertError("WithMatchHosts: \"https://a\" is no host name", routes => routes.AddRoute(api).WithMatchHosts("https://a"));
        AssertError("WithMatchMethods: \"get\" is no method", routes => routes.AddRoute(api).WithMatchMethods("get"));
        AssertError(
            "WithTransformPathRemovePrefix: \"/b\" is not the beginning of the route's path \"/a\"",
            routes => routes.AddRoute("/a", api).WithTransformPathRemovePrefix("/b"));
        AssertError(
            "WithTransformPathRemovePrefix: \"/a\" is not the beginning of the route's path \"/ab\"",
            routes => routes.AddRoute("/ab", api).WithTransformPathRemovePrefix("/a"));
        AssertError("WithTransformPathRemovePrefix: the path \"/\"", routes => routes.AddRoute(api).WithTransformPathRemovePrefix("/"));
        AssertError("WithTransformPathPrefix: the path \"v2\"", routes => routes.AddRoute(api).WithTransformPathPrefix("v2"));
        AssertError("WithTransformPathPrefix: the path \"\"", routes => routes.AddRoute(api).WithTransformPathPrefix("/"));
        AssertError(
            "WithTransformRequestHeader: host is set by nginx itself",
            routes => routes.AddRoute(api).WithTransformRequestHeader("host", "a"));
        AssertError(
            "WithTransformRequestHeader: \"X_A\" is no name",
            routes => routes.AddRoute(api).WithTransformRequestHeader("X_A", "a"));
        AssertError(
            "use up to 40 letters, digits and '-'.",
            routes => routes.AddRoute(api).WithTransformRequestHeader(new string('x', 41), "a"));
        AssertError(
            "WithTransformResponseHeader: Set-Cookie is set",
            routes => routes.AddRoute(api).WithTransformResponseHeader("Set-Cookie", "a"));
        AssertError(
            "WithTransformResponseHeader: the value of X-A",
            routes => routes.AddRoute(api).WithTransformResponseHeader("X-A", "a\r\nX-B: c"));
        AssertError("AddRedirect: \"//evil\" is no target", routes => routes.AddRedirect("/a", "//evil"));
        AssertError("AddRedirect: \"javascript:x\" is no target", routes => routes.AddRedirect("/a", "javascript:x"));
        AssertError("AddRedirect: \"/a\" is passed to no resource", routes => routes.AddRedirect("/a", "/b").WithTransformPathPrefix("/c"));
        AssertError("AddResponse: 99 is no status", routes => routes.AddResponse("/a", 99));
        AssertError("AddResponse: a response 204 has no body", routes => routes.AddResponse("/a", 204, "x"));
        AssertError(
            "AddResponse: the body for \"/a\" is longer than 4000 bytes",
            routes => routes.AddResponse("/a", 200, new string('x', 4001)));
        AssertError("AddResponse: \"a\nb\" is no content type", routes => routes.AddResponse("/a", 200, "x", "a\nb"));
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

        AssertTaken("AddRoute: the path \"/a\" is taken already by AddRoute", routes => routes.AddRoute("/a/{**x}", api));
        AssertTaken("is taken already", routes => routes.AddRoute("/a", api).WithMatchMethods("PUT", "POST"));
        AssertTaken("is taken already", routes => routes.AddRoute("/%61", api).WithMatchHosts("b.example", "A.example"));

        void AssertTaken(string expected, Action<NginxConfigurationBuilder> configure) =>
            AssertRefused(expected, () => nginx.WithConfiguration(configure));
    }

    private void AssertError(string expected, Action<NginxConfigurationBuilder> configure) =>
        Assert.Contains(expected, Error(configure), StringComparison.Ordinal);

    private string Error(Action<NginxConfigurationBuilder> configure) => Assert
        .Throws<DistributedApplicationException>(
            () => _builder.AddNginx($"nginx-{_builder.Resources.Count}").WithConfiguration(configure))
        .Message;
}
