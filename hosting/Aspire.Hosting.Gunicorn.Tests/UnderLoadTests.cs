using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Gunicorn.Tests;

/// <summary>What clients see while masters and workers are replaced.</summary>
public sealed class UnderLoadTests
{
    [GunicornFact]
    public async Task A_killed_master_costs_no_request_and_leaves_no_worker()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));
        var workers = FlaskApplication.WorkersOf(await flask.WaitForWorkersAsync(2));
        var master = await flask.MasterAsync();

        await AssertNoneLostAsync(flask, async () =>
        {
            await Signals.SendAsync("KILL", master);
            await flask.NextMasterAsync(master);
            await FlaskApplication.WaitForEndAsync(workers);
        });
    }

    [GunicornFact]
    public async Task Killed_workers_cost_no_GET()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));
        await using var load = SteadyLoad.Start(flask.Address);

        for (var kill = 0; kill < 10; kill++)
        {
            var worker = await LiveWorkerAsync(flask);
            await Signals.SendAsync("KILL", worker);
            await FlaskApplication.WaitForEndAsync([worker]);
            await load.AnswerMoreAsync();
        }

        Assert.Empty(load.FailedGets);
    }

    [GunicornFact]
    public async Task A_killed_master_takes_no_worker_of_another_application_along()
    {
        await using var other = await FlaskApplication.StartAsync();
        await using var flask = await FlaskApplication.StartAsync();
        var others = FlaskApplication.WorkersOf(await other.WaitForWorkersAsync(2));
        var workers = FlaskApplication.WorkersOf(await flask.WaitForWorkersAsync(2));
        var master = await flask.MasterAsync();

        await Signals.SendAsync("KILL", master);
        await flask.NextMasterAsync(master);
        await FlaskApplication.WaitForEndAsync(workers);

        Assert.Equal("one", await other.GetAsync("/"));
        Assert.All(others, worker => Assert.True(FlaskApplication.IsAlive(worker)));
    }

    [GunicornFact]
    public async Task A_restart_costs_no_request()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));

        await AssertNoneLostAsync(flask, () => SucceedAsync(flask, KnownResourceCommands.RestartCommand));
    }

    [GunicornFact]
    public async Task Five_reloads_cost_no_request_and_bring_the_new_code()
    {
        await using var flask = await FlaskApplication.StartAsync(gunicorn => gunicorn.WithWorkerClass("gevent"));
        var master = await flask.MasterAsync();

        await AssertNoneLostAsync(flask, async () =>
        {
            for (var reload = 1; reload <= 5; reload++)
            {
                flask.Change($"version {reload}");
                await SucceedAsync(flask, "reload");
            }
        });

        Assert.Equal("version 5", await flask.GetAsync("/"));
        Assert.Equal(master, await flask.MasterAsync());
        await flask.WaitForWorkersAsync(2);
    }

    [GunicornFact]
    public async Task New_settings_and_preloaded_code_are_used_after_a_reload()
    {
        await using var flask = await FlaskApplication.StartAsync(settings: "raw_env = ['COLOR=blue']\nworker_class = 'gevent'");
        Assert.Equal("blue", await flask.GetAsync("/variable?name=COLOR"));

        flask.WriteSettings("raw_env = ['COLOR=green']\nworker_class = 'gevent'\npreload_app = True");
        await SucceedAsync(flask, "reload");
        Assert.Equal("green", await flask.GetAsync("/variable?name=COLOR"));

        var master = await flask.MasterAsync();
        flask.Change("new");
        await SucceedAsync(flask, "reload");
        Assert.Equal("new", await flask.GetAsync("/"));
        Assert.NotEqual(master, await flask.MasterAsync());
    }

    [GunicornFact]
    public async Task Code_that_cannot_be_imported_is_refused_with_its_text()
    {
        await using var flask = await FlaskApplication.StartAsync();
        var workers = FlaskApplication.WorkersOf(await flask.WaitForWorkersAsync(2));

        flask.Change("two", "\ndef broken(:\n");
        var syntax = await flask.ExecuteAsync("reload");
        flask.Change("two", "\nimport nothing_like_this\n");
        var import = await flask.ExecuteAsync("reload");

        Assert.False(syntax.Success);
        Assert.Contains("SyntaxError", syntax.Message, StringComparison.Ordinal);
        Assert.False(import.Success);
        Assert.Contains("nothing_like_this", import.Message, StringComparison.Ordinal);
        Assert.Equal("one", await flask.GetAsync("/"));
        Assert.Equal(workers, FlaskApplication.WorkersOf(await flask.WaitForWorkersAsync(2)));
    }

    /// <remarks>The row is up to a second old.</remarks>
    private static async Task<int> LiveWorkerAsync(FlaskApplication flask)
    {
        using var deadline = new CancellationTokenSource(FlaskApplication.Deadline);
        while (true)
        {
            var workers = FlaskApplication.WorkersOf(await flask.WaitForWorkersAsync(2));
            if (workers.FirstOrDefault(FlaskApplication.IsAlive) is not 0 and var worker)
            {
                return worker;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
        }
    }

    private static async Task AssertNoneLostAsync(FlaskApplication flask, Func<Task> change)
    {
        var load = SteadyLoad.Start(flask.Address);
        await using (load)
        {
            await load.AnswerMoreAsync();
            await change();
            await load.AnswerMoreAsync();
        }

        Assert.Empty(load.FailedGets);
        Assert.Empty(load.FailedPosts);
    }

    private static async Task SucceedAsync(FlaskApplication flask, string command)
    {
        var result = await flask.ExecuteAsync(command);
        Assert.True(result.Success, result.Message);
    }
}
