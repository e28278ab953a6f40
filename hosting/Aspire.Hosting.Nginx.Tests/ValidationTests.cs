using System.Reflection;
using Aspire.Hosting.Nginx.Configuration;

namespace Aspire.Hosting.Nginx.Tests;

public class ValidationTests
{
    [Fact]
    public void Accepts_the_defaults() => Assert.Empty(NginxConfigurationValidator.Validate(Samples.Minimal));

    [Fact]
    public void Accepts_the_policies_of_the_golden_files()
    {
        Assert.Empty(Errors(c => c with { Cors = Samples.AnyOrigin }));
        Assert.Empty(Errors(c => c with { Cors = Samples.NamedOrigins }));
    }

    [Fact]
    public void Rejects_telemetry_out_of_range()
    {
        var errors = Errors(c => c with
        {
            Telemetry = new()
            {
                SamplingRatio = 1.5,
                SlowRequest = TimeSpan.FromSeconds(-1),
                ScrapeInterval = TimeSpan.FromMilliseconds(10),
            },
        });

        Assert.Equal(
            [
                "WithTelemetry: SamplingRatio is 1.5; it must be 0, or from 0.0001 to 1.",
                "WithTelemetry: SlowRequest is -1 s; it must be from 0 s to 3600 s.",
                "WithTelemetry: ScrapeInterval is 0.01 s; it must be from 1 s to 3600 s.",
            ],
            errors);
        Assert.All(
            new[] { double.NaN, -0.1, 0.00001 },
            ratio => Assert.Single(Errors(c => c with { Telemetry = new() { SamplingRatio = ratio } })));
    }

    [Fact]
    public void Returns_every_error()
    {
        var errors = Errors(c => c with
        {
            Limits = new() { MaxBodySize = 0, RequestsPerSecond = 0 },
            Timeouts = new() { ProxyRead = TimeSpan.Zero },
            Workers = new() { Processes = 0 },
        });

        Assert.Equal(4, errors.Count);
        Assert.Contains("WithRequestLimits: MaxBodySize is 0; it must be from 1 to 1099511627776.", errors);
        Assert.Contains("WithTimeouts: ProxyRead is 0 s; it must be from 1 s to 86400 s.", errors);
    }

    [Theory]
    [InlineData(typeof(NginxRequestLimits))]
    [InlineData(typeof(NginxTimeouts))]
    [InlineData(typeof(NginxUpstreamSettings))]
    [InlineData(typeof(NginxWorkers))]
    [InlineData(typeof(NginxTelemetry))]
    public void Knows_the_bounds_of_every_number_and_duration(Type options)
    {
        Type[] measured = [typeof(int), typeof(long), typeof(double), typeof(TimeSpan)];
        var properties = options.GetProperties()
            .Where(property => measured.Contains(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType))
            .ToArray();

        Assert.NotEmpty(properties);
        Assert.All(properties, property => Assert.NotNull(property.GetCustomAttribute<BoundsAttribute>()));
    }

    [Fact]
    public void Rejects_credentials_for_any_origin() =>
        AssertOnly("AllowCredentials cannot go with AllowAnyOrigin", c => c with { Cors = Samples.AnyOrigin with { Credentials = true } });

    [Theory]
    [InlineData("https://example.com/")]
    [InlineData("https://example.com/path")]
    [InlineData("https://Example.com")]
    [InlineData("https://example.com:443")]
    [InlineData("example.com")]
    [InlineData("https://a b.example")]
    [InlineData("https://$host")]
    [InlineData("*")]
    [InlineData("")]
    public void Rejects_what_no_browser_sends_as_an_origin(string origin) =>
        AssertOnly("is no origin", c => c with { Cors = Samples.NamedOrigins with { Origins = [origin] } });

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("http://localhost:5173")]
    [InlineData("http://[::1]:5173")]
    [InlineData("https://xn--bcher-kva.example")]
    [InlineData("chrome-extension://abcdef")]
    public void Accepts_origins_as_browsers_spell_them(string origin) =>
        Assert.Empty(Errors(c => c with { Cors = Samples.NamedOrigins with { Origins = [origin] } }));

    [Fact]
    public void Rejects_a_policy_without_an_origin() =>
        AssertOnly("no origin is allowed", c => c with { Cors = new() });

    [Fact]
    public void Rejects_a_header_that_is_no_name() =>
        AssertOnly("WithHeaders has \"X-A, X-B\"", c => c with { Cors = Samples.AnyOrigin with { Headers = ["X-A, X-B"] } });

    [Theory]
    [InlineData("api")]
    [InlineData("/a b")]
    [InlineData("/a;b")]
    [InlineData("/$uri")]
    [InlineData("//a")]
    [InlineData("/a\n")]
    [InlineData("/a/../b")]
    [InlineData("/a/%2e%2E/b")]
    [InlineData("/./a")]
    [InlineData("/a%2Fb")]
    [InlineData("/a%24b")]
    [InlineData("/a%00b")]
    [InlineData("/a%0Ab")]
    [InlineData("/caf%E9")]
    [InlineData("/a%4")]
    [InlineData("/a%zz")]
    [InlineData("/a% 1")]
    public void Rejects_paths_that_nginx_would_misread(string path) =>
        AssertOnly("must begin with /", c => c with { Routes = [new(path, "api")] });

    [Fact]
    public void Rejects_two_answers_for_one_path() =>
        AssertOnly(
            "\"/a\" is taken already by WithReverseProxy",
            c => c with { Routes = [new("/a", "api")], StaticFiles = [new("/a/", "/srv")] });

    [Fact]
    public void Rejects_two_spellings_of_one_path() =>
        AssertOnly("\"/a+b\" is taken already by WithReverseProxy", c => c with { Routes = [new("/a+b", "api"), new("/%61%2Bb/", "api")] });

    [Fact]
    public void Rejects_another_spelling_of_its_own_health() =>
        AssertOnly("is used by nginx itself", c => c with { Routes = [new("/%2D/nginx/health", "api")] });

    [Theory]
    [InlineData("10.0.0.1/8")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("proxy.example")]
    [InlineData("all")]
    [InlineData("10.0.0.0/8; deny all")]
    [InlineData("")]
    public void Rejects_what_is_no_address_of_a_proxy(string proxy) =>
        AssertOnly("is no address and no network", c => c with { TrustedProxies = [proxy] });

    [Theory]
    [InlineData("192.0.2.7")]
    [InlineData("10.0.0.0/8")]
    [InlineData("::1")]
    [InlineData("FD00::/8")]
    public void Accepts_addresses_and_networks(string proxy) => Assert.Empty(Errors(c => c with { TrustedProxies = [proxy] }));

    [Fact]
    public void Rejects_private_paths_that_are_none()
    {
        AssertOnly("must begin with /", c => c with { PrivatePaths = ["health"] });
        AssertOnly("would leave clients nothing", c => c with { PrivatePaths = ["/"] });
    }

    [Fact]
    public void Rejects_the_path_of_its_own_health() =>
        AssertOnly("is used by nginx itself", c => c with { Routes = [new(NginxConfiguration.HealthPath, "api")] });

    [Fact]
    public void Rejects_the_path_of_its_own_problems() =>
        AssertOnly("is used by nginx itself", c => c with { Routes = [new(NginxConfiguration.ProblemPath, "api")] });

    [Theory]
    [InlineData(200)]
    [InlineData(399)]
    [InlineData(499)]
    [InlineData(600)]
    public void Rejects_codes_that_are_no_error(int code) =>
        AssertOnly($"{code} is no error", c => c with { ErrorPages = [new("/srv/e.html", [code])] });

    [Fact]
    public void Rejects_a_second_page_for_a_code() =>
        AssertOnly("502 has a page already", c => c with { ErrorPages = [new("/a", [502]), new("/b", [502])] });

    [Fact]
    public void Rejects_a_burst_without_a_rate() =>
        AssertOnly("Burst has no meaning", c => c with { Limits = new() { Burst = 5 } });

    [Theory]
    [InlineData("https://example.com")]
    [InlineData("example.com:80")]
    [InlineData("a;b")]
    [InlineData("")]
    public void Rejects_server_names_that_are_no_host(string name) =>
        AssertOnly("is no host name", c => c with { ServerNames = [name] });

    [Fact]
    public void Rejects_a_snippet_folder_that_nginx_takes_for_a_pattern() =>
        AssertOnly("takes for a pattern", c => c with { Snippets = [new(NginxSnippetContext.Server, null, "/srv/[a]")] });

    [Fact]
    public void Rejects_a_balancing_method_there_is_not() =>
        AssertOnly(
            "must be one of RoundRobin, LeastConnections, IpHash, Random, PowerOfTwoChoices",
            c => c with { Upstream = new() { LoadBalancing = (NginxLoadBalancing)9 } });

    private static IReadOnlyList<string> Errors(Func<NginxConfiguration, NginxConfiguration> change) =>
        NginxConfigurationValidator.Validate(change(Samples.Minimal));

    private static void AssertOnly(string text, Func<NginxConfiguration, NginxConfiguration> change) =>
        Assert.Contains(text, Assert.Single(Errors(change)), StringComparison.Ordinal);
}
