using Aspire.Hosting.Dashboard.Launching;
using Aspire.Hosting.Dashboard.Settings;

namespace FlaskStack.Tests.Hosting.Dashboard;

public sealed class EnvironmentTests
{
    private static readonly Uri ResourceService = new("http://127.0.0.1:20003");

    [Fact]
    public void Carries_addresses_keys_and_how_each_is_asked_for()
    {
        var environment = Create(Samples.Settings);

        Assert.Equal("http://localhost:18888", environment["ASPNETCORE_URLS"]);
        Assert.Equal("http://localhost:18888", environment["DASHBOARD__FRONTEND__PUBLICURL"]);
        Assert.Equal("http://localhost:20001", environment["ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL"]);
        Assert.Equal("http://localhost:20002", environment["ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL"]);
        Assert.Equal("http://127.0.0.1:20003", environment["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"]);
        Assert.Equal(("BrowserToken", "browser-token"), (environment["DASHBOARD__FRONTEND__AUTHMODE"], environment["DASHBOARD__FRONTEND__BROWSERTOKEN"]));
        Assert.Equal(("ApiKey", "otlp-key"), (environment["DASHBOARD__OTLP__AUTHMODE"], environment["DASHBOARD__OTLP__PRIMARYAPIKEY"]));
        Assert.Equal(("ApiKey", "api-key"), (environment["DASHBOARD__API__AUTHMODE"], environment["DASHBOARD__API__PRIMARYAPIKEY"]));
        Assert.Equal(("ApiKey", "resource-key"), (environment["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"], environment["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"]));
        Assert.Equal("true", environment["ASPIRE_DASHBOARD_API_ENABLED"]);
        Assert.Equal("json", environment["LOGGING__CONSOLE__FORMATTERNAME"]);
        Assert.Equal("Development", environment["ASPNETCORE_ENVIRONMENT"]);
        Assert.Equal("true", environment["ASPIRE_DASHBOARD_FORWARDEDHEADERS_ENABLED"]);
    }

    [Fact]
    public void Says_unsecured_where_there_is_no_key()
    {
        var environment = Create(Samples.Settings with { Secrets = new DashboardSecrets(), AllowAnonymous = true });

        string[] modes = ["FRONTEND", "OTLP", "API", "RESOURCESERVICECLIENT"];
        Assert.All(modes, section => Assert.Equal("Unsecured", environment[$"DASHBOARD__{section}__AUTHMODE"]));
        Assert.Equal("true", environment["ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS"]);
    }

    [Theory]
    [InlineData("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT")]
    [InlineData("ASPIRE_CLI_PID")]
    [InlineData("AWS_SECRET_ACCESS_KEY")]
    [InlineData("ConnectionStrings__db")]
    [InlineData("Parameters__password")]
    [InlineData("Dashboard__Path")]
    public void Leaves_behind_what_misleads_the_dashboard_or_is_not_its_business(string name)
    {
        var environment = Create(Samples.Settings, name);

        Assert.True(environment.TryGetValue(name, out var value));
        Assert.Null(value);
    }

    [Theory]
    [InlineData("PATH")]
    [InlineData("HOME")]
    [InlineData("LC_ALL")]
    [InlineData("DASHBOARD__UI__DISABLERESOURCEGRAPH")]
    public void Lets_the_dashboard_inherit_what_a_program_needs_and_its_own_settings(string name) =>
        Assert.False(Create(Samples.Settings, name).ContainsKey(name));

    [Fact]
    public void Lets_no_other_spelling_stand_beside_a_setting_of_ours()
    {
        var environment = Create(Samples.Settings, "Dashboard__Frontend__BrowserToken");

        Assert.Null(environment["Dashboard__Frontend__BrowserToken"]);
        Assert.Equal("browser-token", environment["DASHBOARD__FRONTEND__BROWSERTOKEN"]);
    }

    [Fact]
    public void Lets_pages_send_telemetry_only_where_there_is_a_receiver_for_them()
    {
        var with = DashboardEnvironment.Create(Samples.Settings, ResourceService, "http://localhost:5000", []);
        var without = DashboardEnvironment.Create(Samples.Settings with { OtlpHttp = null }, ResourceService, "http://localhost:5000", []);

        Assert.Equal("http://localhost:5000", with["DASHBOARD__OTLP__CORS__ALLOWEDORIGINS"]);
        Assert.False(without.ContainsKey("DASHBOARD__OTLP__CORS__ALLOWEDORIGINS"));
    }

    private static IReadOnlyDictionary<string, string?> Create(DashboardSettings settings, params string[] ownVariables) =>
        DashboardEnvironment.Create(settings, ResourceService, null, ownVariables);
}
