using Aspire.Hosting;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace FlaskStack.Tests.Hosting.Orchestration;

public sealed class ShutdownBudgetTests
{
    [Fact]
    public void Is_a_little_under_five_seconds_unless_configured()
    {
        Assert.Equal(TimeSpan.FromSeconds(4.5), Budget(null).Total);
        Assert.Equal(TimeSpan.FromSeconds(30), Budget("30").Total);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("soon")]
    [InlineData("NaN")]
    [InlineData("3601")]
    public void Refuses_what_is_no_number_of_seconds_in_range(string value)
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Budget(value));

        Assert.StartsWith($"AppHost:ShutdownSeconds is '{value}'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gives_the_first_layer_most_and_the_last_all_that_is_left()
    {
        var countdown = Budget("9").Begin();

        Assert.Equal(6, countdown.Share(2).TotalSeconds, 1);
        Assert.Equal(9, countdown.Share(1).TotalSeconds, 1);
    }

    [Fact]
    public async Task Is_not_cut_short_by_the_host()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { DisableDashboard = true });
        builder.Configuration[ShutdownBudget.Key] = "60";

        await using var app = builder.Build();

        Assert.True(app.Services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout > TimeSpan.FromSeconds(60));
    }

    private static ShutdownBudget Budget(string? seconds) =>
        new(new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(ShutdownBudget.Key, seconds)]).Build(), new StoppedClock());

    private sealed class StoppedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }
}
