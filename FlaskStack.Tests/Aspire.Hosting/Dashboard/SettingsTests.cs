using Aspire.Hosting;
using Aspire.Hosting.Dashboard.Settings;
using Aspire.Hosting.Orchestration.Processes;
using FlaskStack.Tests.Hosting.Processes;
using Microsoft.Extensions.Configuration;

namespace FlaskStack.Tests.Hosting.Dashboard;

public sealed class SettingsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<DashboardPorts> _ports = [];

    public void Dispose()
    {
        _ports.ForEach(ports => ports.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS", "localhost:18888")]
    [InlineData("ASPNETCORE_URLS", "http://localhost:99999")]
    [InlineData("ASPNETCORE_URLS", "ftp://localhost:21")]
    [InlineData("ASPNETCORE_URLS", "http://localhost:18888/dashboard")]
    [InlineData("ASPNETCORE_URLS", "http://localhost:18888;nonsense")]
    [InlineData("ASPNETCORE_URLS", ";")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "4317")]
    [InlineData("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "http://unix:/run/socket")]
    [InlineData("DOTNET_DASHBOARD_OTLP_ENDPOINT_URL", "4317")]
    [InlineData("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://*:18890")]
    [InlineData("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", "yes")]
    [InlineData("ASPIRE_SHOW_DASHBOARD_RESOURCES", "no")]
    [InlineData("AppHost:ResourceService:AuthMode", "Certificate")]
    public void A_value_that_cannot_be_used_is_named_with_its_key(string key, string value)
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Read((key, value)));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Everything_listens_on_loopback_ports_of_its_own_unless_told_otherwise()
    {
        var settings = Read();

        Assert.All(settings.Listeners, address => Assert.Equal("localhost", address.Host));
        Assert.Equal(3, settings.Listeners.Select(address => address.Port).Distinct().Count());
        Assert.Null(settings.ResourceServiceUrl);
        Assert.Equal("Production", settings.EnvironmentName);
    }

    [Fact]
    public void Takes_another_port_and_says_so_when_the_usual_one_is_in_use()
    {
        using var holder = new PortAllocator(_folder["locks"]).TryAllocate(DashboardSettingsReader.PreferredPort);

        var settings = Read();

        Assert.NotEqual(DashboardSettingsReader.PreferredPort, settings.Frontend[0].Port);
        Assert.Equal(DashboardSettingsReader.PreferredPort, settings.MissedPort);
    }

    [Fact]
    public void Random_ports_replace_fixed_ones_on_loopback_alone()
    {
        var settings = Read(
            ("DcpPublisher:RandomizePorts", "true"),
            ("ASPNETCORE_URLS", "http://localhost:8080;http://10.0.0.1:8081"),
            ("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", "http://localhost:4317"),
            ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://localhost:18890"));

        Assert.NotEqual(8080, settings.Frontend[0].Port);
        Assert.Equal(8081, settings.Frontend[1].Port);
        Assert.NotEqual(4317, settings.OtlpGrpc!.Port);
        Assert.Null(settings.ResourceServiceUrl);
        Assert.Null(settings.MissedPort);
    }

    [Fact]
    public void Addresses_of_the_user_are_taken_as_they_are()
    {
        var settings = Read(
            ("ASPNETCORE_URLS", "http://127.0.0.1:5001;https://*:5002"),
            ("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", "http://0.0.0.0:4318"),
            ("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", "http://127.0.0.1:18890"));

        Assert.Equal(["http://127.0.0.1:5001", "https://*:5002"], settings.Frontend.Select(address => address.Url));
        Assert.Equal("https://localhost:5002", settings.PublicUrl);
        Assert.Null(settings.OtlpGrpc);
        Assert.Equal("http://0.0.0.0:4318", settings.OtlpHttp!.Url);
        Assert.Equal(new Uri("http://127.0.0.1:18890"), settings.ResourceServiceUrl);
    }

    [Fact]
    public void An_open_port_is_chosen_at_once_so_that_a_restart_keeps_it()
    {
        var settings = Read(("ASPNETCORE_URLS", "http://127.0.0.1:0"));

        Assert.NotEqual(0, settings.Frontend[0].Port);
        Assert.Equal("127.0.0.1", settings.Frontend[0].Host);
    }

    [Fact]
    public void Keys_of_a_run_are_new_and_as_long_as_those_of_Aspire()
    {
        var (one, other) = (Read().Secrets, Read().Secrets);

        string?[] keys = [one.BrowserToken, one.OtlpApiKey, one.ApiKey, one.ResourceServiceApiKey, other.BrowserToken, other.OtlpApiKey, other.ApiKey, other.ResourceServiceApiKey];
        Assert.All(keys, key => Assert.Matches("^[0-9a-f]{32}$", key));
        Assert.Equal(keys.Length, keys.Distinct().Count());
    }

    [Fact]
    public void Keys_of_the_user_are_kept()
    {
        var secrets = Read(
            ("ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN", "browser"),
            ("AppHost:BrowserToken", "another"),
            ("AppHost:OtlpApiKey", "otlp"),
            ("AppHost:DashboardApiKey", "api"),
            ("ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY", "resources")).Secrets;

        Assert.Equal(("browser", "otlp", "api", "resources"), (secrets.BrowserToken, secrets.OtlpApiKey, secrets.ApiKey, secrets.ResourceServiceApiKey));
    }

    [Theory]
    [InlineData("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS")]
    [InlineData("DOTNET_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS")]
    public void Nobody_is_asked_for_a_key_where_everybody_is_let_in(string key)
    {
        var settings = Read((key, "true"), ("AppHost:BrowserToken", "token"));

        Assert.True(settings.AllowAnonymous);
        Assert.Null(settings.Secrets.BrowserToken);
        Assert.Null(settings.Secrets.OtlpApiKey);
        Assert.Null(settings.Secrets.ApiKey);
        Assert.Null(settings.Secrets.ResourceServiceApiKey);
        Assert.Equal(settings.PublicUrl, settings.LoginUrl);
    }

    [Fact]
    public void The_text_of_the_settings_tells_no_key()
    {
        var settings = Read();

        Assert.DoesNotContain(settings.Secrets.BrowserToken!, settings.Secrets.ToString(), StringComparison.Ordinal);
        Assert.Equal("login?t=***", settings.Secrets.Redact($"login?t={settings.Secrets.BrowserToken}"));
    }

    [Fact]
    public void What_was_decided_stands_in_the_configuration_that_resources_read()
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("DcpPublisher:RandomizePorts", "true"), new("DOTNET_DASHBOARD_OTLP_ENDPOINT_URL", "http://0.0.0.0:4317")]);

        var settings = DashboardConfiguration.Apply(configuration, new DistributedApplicationOptions(), out var ports)!;
        _ports.Add(ports);

        Assert.Equal("http://localhost:4317", configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]);
        Assert.Null(configuration["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]);
        Assert.Equal(settings.Secrets.OtlpApiKey, configuration["AppHost:OtlpApiKey"]);
        Assert.Equal(settings.Secrets.BrowserToken, configuration["AppHost:BrowserToken"]);
        Assert.Equal("ApiKey", configuration["AppHost:ResourceService:AuthMode"]);
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, "false")]
    public void Without_a_dashboard_nothing_is_chosen_and_nothing_written(bool isDisabled, string? enabled)
    {
        using var configuration = new ConfigurationManager();
        configuration.AddInMemoryCollection([new("Dashboard:Enabled", enabled), new("ASPNETCORE_URLS", "not an address")]);

        var settings = DashboardConfiguration.Apply(configuration, new DistributedApplicationOptions { DisableDashboard = isDisabled }, out var ports);
        _ports.Add(ports);

        Assert.Null(settings);
        Assert.Null(configuration["AppHost:OtlpApiKey"]);
        Assert.Null(configuration["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]);
    }

    private DashboardSettings Read(params (string Key, string Value)[] values)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values.ToDictionary(value => value.Key, value => (string?)value.Value)).Build();
        var ports = new DashboardPorts(new PortAllocator(_folder["locks"]));
        _ports.Add(ports);
        return new DashboardSettingsReader(configuration, ports).Read();
    }
}
