using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Supervisor.Configuration;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class ValidationTests
{
    public static TheoryData<string, SupervisorOptions> Wrong => new()
    {
        { "Autorestart", new() { Autorestart = (SupervisorAutorestart)7 } },
        { "ExitCodes", new() { ExitCodes = [256] } },
        { "ExitCodes", new() { ExitCodes = default } },
        { "StartSeconds", new() { StartSeconds = -1 } },
        { "StartSeconds", new() { StartSeconds = double.NaN } },
        { "StartRetries", new() { StartRetries = -1 } },
        { "StartLimitInterval", new() { StartLimitInterval = TimeSpan.Zero } },
        { "Backoff", new() { Backoff = null! } },
        { "Backoff.Initial", new() { Backoff = new() { Initial = TimeSpan.FromSeconds(-1) } } },
        { "Backoff.Factor", new() { Backoff = new() { Factor = 0.5 } } },
        { "Backoff.Cap", new() { Backoff = new() { Cap = TimeSpan.FromMilliseconds(1) } } },
        { "Backoff.Jitter", new() { Backoff = new() { Jitter = 2 } } },
        { "StopSignal", new() { StopSignal = "SIGFOO" } },
        { "StopWaitSeconds", new() { StopWaitSeconds = 1e9 } },
        { "Watchdog", new() { Watchdog = null! } },
        { "Watchdog.Timeout", new() { Watchdog = new() { Timeout = TimeSpan.Zero } } },
        { "MemoryLimit", new() { MemoryLimit = 1 } },
        { "MaxRequests", new() { MaxRequests = 0, RequestCountPath = "/count" } },
        { "RequestCountPath", new() { MaxRequests = 1 } },
        { "RequestCountPath", new() { MaxRequests = 1, RequestCountPath = "count" } },
        { "MaxRequestsJitter", new() { MaxRequestsJitter = -1 } },
        { "MaxLifetime", new() { MaxLifetime = TimeSpan.Zero } },
        { "MaxLifetimeJitter", new() { MaxLifetimeJitter = TimeSpan.FromSeconds(-1) } },
        { "MinAvailable", new() { MinAvailable = -1 } },
        { "MaxReplicas", new() { MaxReplicas = -1 } },
        { "HealthyTimeout", new() { HealthyTimeout = TimeSpan.Zero } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Names_the_option_that_is_out_of_its_range(string option, SupervisorOptions options)
    {
        var resource = DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".");

        var error = Assert.Throws<DistributedApplicationException>(() => resource.WithSupervisor(_ => options));

        Assert.StartsWith("The supervision of the resource 'worker' is not valid. ", error.Message, StringComparison.Ordinal);
        Assert.Contains(option, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_all_that_is_wrong_at_once()
    {
        var resource = DistributedApplication.CreateBuilder().AddExecutable("worker", "sh", ".");

        var error = Assert.Throws<DistributedApplicationException>(() =>
            resource.WithSupervisor(s => s with { StartSeconds = -1, StartRetries = -1, StopSignal = "9" }));

        Assert.All(
            ["StartSeconds", "StartRetries", "StopSignal"],
            option => Assert.Contains(option, error.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(2, null, "MinAvailable")]
    [InlineData(null, 1, "MaxReplicas")]
    public async Task Refuses_what_the_number_of_replicas_cannot_fulfil(int? minimum, int? maximum, string option)
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => SupervisedApplication.StartAsync(builder =>
            builder.AddExecutable("worker", "sh", ".", "-c", "exit 0")
                .WithAnnotation(new ReplicaAnnotation(2))
                .WithSupervisor(s => s with { MinAvailable = minimum, MaxReplicas = maximum ?? 0 })));

        Assert.Contains(option, error.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, SupervisorOptions> OfProcesses => new()
    {
        { "MemoryLimit", new() { MemoryLimit = 64 << 20 } },
        { "StopSignal", new() { StopSignal = "SIGINT" } },
        { "StopWaitSeconds", new() { StopWaitSeconds = 5 } },
        { "Watchdog", new() { Watchdog = new() { Timeout = TimeSpan.FromSeconds(5) } } },
    };

    [Theory]
    [MemberData(nameof(OfProcesses))]
    public void Refuses_a_container_what_needs_a_process(string option, SupervisorOptions options)
    {
        var cache = DistributedApplication.CreateBuilder().AddContainer("cache", "redis");

        var error = Assert.Throws<DistributedApplicationException>(() => cache.WithSupervisor(_ => options));

        Assert.StartsWith(
            $"The supervision of the resource 'cache' is not valid. {option} needs a process of this machine",
            error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(OfProcesses))]
    public void Lets_a_published_container_have_it(string option, SupervisorOptions options)
    {
        var builder = DistributedApplication.CreateBuilder(["--operation", "publish", "--step", "publish-manifest"]);
        var cache = builder.AddContainer("cache", "redis");

        cache.WithSupervisor(_ => options);

        Assert.True(cache.Resource.TryGetSupervisorOptions(out var given), option);
        Assert.Equal(options, given);
    }

    [Fact]
    public void Takes_a_container_with_everything_else()
    {
        var cache = DistributedApplication.CreateBuilder().AddContainer("cache", "redis");

        cache.WithSupervisor(s => s with { MaxLifetime = TimeSpan.FromDays(1), Watchdog = new() { Enabled = false } });

        Assert.Single(cache.Resource.Annotations.OfType<ResourceCommandAnnotation>(), command => command.Name == "reload");
    }

    [Fact]
    public void Refuses_what_is_never_started()
    {
        var builder = DistributedApplication.CreateBuilder();

        AssertRefused(builder.AddParameter("password"), "ParameterResource");
        AssertRefused(builder.AddConnectionString("database"), "ConnectionString");
        AssertRefused(builder.AddExternalService("bank", "https://bank.example"), "ExternalServiceResource");
    }

    private static void AssertRefused<T>(IResourceBuilder<T> resource, string kind)
        where T : IResource
    {
        var error = Assert.Throws<DistributedApplicationException>(() => resource.WithSupervisor());

        Assert.StartsWith(
            $"The resource '{resource.Resource.Name}' cannot be supervised: a {kind}",
            error.Message,
            StringComparison.Ordinal);
    }
}
