using System.Net;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>What gunicorn's workers do while the application runs.</summary>
public sealed class RunningTests
{
    [GunicornFact]
    public async Task Serves_through_nginx_and_at_its_own_port_and_shows_its_workers()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));

        Assert.Equal("one", await flask.GetAsync("/"));
        Assert.Equal("one", await flask.Client.GetStringAsync(flask.OwnAddress));
        Assert.StartsWith("http://unix:", await flask.GetAsync("/variable?name=ASPNETCORE_URLS"), StringComparison.Ordinal);
        var row = await flask.WaitForWorkersAsync(2);
        var workers = FlaskApplication.WorkersOf(row);
        Assert.Contains(int.Parse(await flask.GetAsync("/worker"), null), workers);
        Assert.Contains("worker_class = \"gevent\"", await ConfigurationAsync(row), StringComparison.Ordinal);

        await flask.StopAsync();
        Assert.All(workers, worker => Assert.False(FlaskApplication.IsAlive(worker)));
    }

    [GunicornFact]
    public async Task Runs_more_and_fewer_workers()
    {
        await using var flask = await FlaskApplication.StartAsync();

        await SucceedAsync(flask, "scale-up");
        await flask.WaitForWorkersAsync(3);
        var master = await flask.MasterAsync();
        await Signals.SendAsync("KILL", master);
        // A restart keeps the number.
        await flask.NextMasterAsync(master);
        await flask.WaitForWorkersAsync(3);
        await SucceedAsync(flask, "scale-down");
        await SucceedAsync(flask, "scale-down");
        await flask.WaitForWorkersAsync(1);
        var last = await flask.ExecuteAsync("scale-down");

        Assert.False(last.Success);
        Assert.Contains("1 worker", last.Message, StringComparison.Ordinal);
        Assert.Equal("one", await flask.GetAsync("/"));
    }

    [GunicornFact]
    public async Task Replaces_a_worker_that_is_killed_or_hangs_while_the_other_serves()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn =>
            gunicorn.WithWorkerClass("gevent").WithGunicorn(options => options with { Timeout = TimeSpan.FromSeconds(3) }));
        var workers = FlaskApplication.WorkersOf(await flask.WaitForWorkersAsync(2));

        await Signals.SendAsync("KILL", workers[0]);
        await FlaskApplication.WaitForEndAsync(workers[0]);
        Assert.Equal("one", await flask.GetAsync("/"));
        var replaced = await flask.WaitAsync(row =>
            FlaskApplication.Property(row, "gunicorn.workers") is "2 of 2" && !FlaskApplication.WorkersOf(row).Contains(workers[0]));

        using var hanging = await flask.Client.GetAsync(new Uri("/hang", UriKind.Relative));
        await flask.WaitAsync(row =>
            FlaskApplication.Property(row, "gunicorn.workers") is "2 of 2"
            && FlaskApplication.WorkersOf(row).Except(FlaskApplication.WorkersOf(replaced)).Any());
        Assert.Equal(HttpStatusCode.BadGateway, hanging.StatusCode);
        Assert.Equal("one", await flask.GetAsync("/"));
    }

    [GunicornFact]
    public async Task Answers_a_thousand_slow_requests_at_once()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(_ => flask.GetAsync("/slow?s=1")));

        Assert.All(answers, static answer => Assert.Equal("one", answer));
    }

    [GunicornFact]
    public async Task Answers_the_requests_in_flight_before_it_stops_and_refuses_others()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));
        var slow = Enumerable.Range(0, 20).Select(_ => flask.GetAsync("/slow?s=3")).ToArray();
        await Task.WhenAny(Task.WhenAll(slow), Task.Delay(TimeSpan.FromSeconds(1)));

        var stop = await flask.ExecuteAsync(KnownResourceCommands.StopCommand);

        Assert.True(stop.Success, stop.Message);
        Assert.All(await Task.WhenAll(slow), static answer => Assert.Equal("one", answer));
        using var refused = await flask.Client.GetAsync(new Uri("/", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadGateway, refused.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => flask.Client.GetAsync(flask.OwnAddress));
    }

    [GunicornFact]
    public async Task Is_not_healthy_when_the_code_cannot_be_imported()
    {
        await using var flask = FlaskApplication.Begin("import nothing_like_this");

        await flask.WaitForLineAsync("No module named 'nothing_like_this'");
        var row = await flask.WaitAsync(row => row.State?.Text != KnownResourceStates.Starting);

        Assert.NotEqual(Microsoft.Extensions.Diagnostics.HealthChecks.HealthStatus.Healthy, row.HealthStatus);
    }

    private static async Task<string> ConfigurationAsync(CustomResourceSnapshot row) =>
        await File.ReadAllTextAsync(Assert.IsType<string>(FlaskApplication.Property(row, "gunicorn.config")));

    private static async Task SucceedAsync(FlaskApplication flask, string command)
    {
        var result = await flask.ExecuteAsync(command);
        Assert.True(result.Success, result.Message);
    }
}
