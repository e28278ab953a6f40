using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace FlaskStack.Tests.HostingTesting;

public class EntryPointTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Gives_the_builder_with_everything_the_entry_point_added()
    {
        TestAppHost.Does(args =>
        {
            var builder = DistributedApplication.CreateBuilder(args);
            builder.AddResource(new PlainResource("one"));
            builder.AddResource(new PlainResource("two"));
            builder.Build().Run();
        });

        await using var builder = await CreateAsync();

        Assert.Equal(["one", "two"], builder.Resources.Select(resource => resource.Name));
    }

    [Fact]
    public async Task Builds_with_what_the_test_changed()
    {
        TestAppHost.Does(args => DistributedApplication.CreateBuilder(args).Build().Run());
        await using var builder = await CreateAsync();
        builder.AddResource(new PlainResource("added"));
        builder.Configuration["Key"] = "changed";

        await using var app = await builder.BuildAsync();

        Assert.Equal("added", Assert.Single(app.Services.GetRequiredService<DistributedApplicationModel>().Resources).Name);
        Assert.Equal("changed", app.Services.GetRequiredService<IConfiguration>()["Key"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Arguments_override_configuration_whether_the_entry_point_passes_them_on_or_not(bool passesThemOn)
    {
        TestAppHost.Does(args => DistributedApplication.CreateBuilder(passesThemOn ? args : []).Build().Run());

        await using var builder = await CreateAsync("Api:Replicas=7", "DcpPublisher:RandomizePorts=false");

        Assert.Equal("7", builder.Configuration["Api:Replicas"]);
        Assert.Equal("false", builder.Configuration["DcpPublisher:RandomizePorts"]);
    }

    [Fact]
    public async Task Starts_when_the_test_starts_it_and_not_before()
    {
        using var service = new RecordingService();
        RunsWith(service);
        await using var builder = await CreateAsync();

        await using var app = await builder.BuildAsync();
        Assert.Empty(service.Calls);

        await app.StartAsync();
        Assert.Equal(["start"], service.Calls);
    }

    [Fact]
    public async Task Stops_when_the_test_stops_it()
    {
        using var service = new RecordingService();
        RunsWith(service);
        await using var builder = await CreateAsync();
        await using var app = await builder.BuildAsync();
        await app.StartAsync();

        await app.StopAsync().WaitAsync(Deadline);

        Assert.Equal(["start", "stop"], service.Calls.Take(2));
    }

    [Fact]
    public async Task Disposing_a_started_application_stops_it_and_ends_the_entry_point()
    {
        using var service = new RecordingService();
        var ended = RunsWith(service);
        await using (var builder = await CreateAsync())
        {
            await using var app = await builder.BuildAsync();
            await app.StartAsync();
        }

        await ended.Task.WaitAsync(Deadline);
        Assert.Equal(["start", "stop"], service.Calls.Take(2));
    }

    [Fact]
    public async Task Disposing_a_builder_that_never_built_ends_the_entry_point()
    {
        using var service = new RecordingService();
        var ended = RunsWith(service);
        await using (await CreateAsync())
        {
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended.Task.WaitAsync(Deadline));
        Assert.Empty(service.Calls);
    }

    [Fact]
    public async Task Disposing_an_application_that_never_started_ends_the_entry_point_without_starting()
    {
        using var service = new RecordingService();
        var ended = RunsWith(service);
        await using (var builder = await CreateAsync())
        {
            await builder.BuildAsync();
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ended.Task.WaitAsync(Deadline));
        Assert.DoesNotContain("start", service.Calls);
    }

    [Fact]
    public async Task Stopping_an_application_that_never_started_does_not_wait_for_a_start()
    {
        using var service = new RecordingService();
        RunsWith(service);
        await using var builder = await CreateAsync();
        await using var app = await builder.BuildAsync();

        await app.StopAsync().WaitAsync(Deadline);

        Assert.DoesNotContain("start", service.Calls);
    }

    [Fact]
    public async Task Disposing_in_the_middle_of_a_start_cancels_it_and_stops_what_had_started()
    {
        using var first = new RecordingService();
        using var stuck = new RecordingService { OnStart = token => Task.Delay(Timeout.Infinite, token) };
        RunsWith(first, stuck);
        var builder = await CreateAsync();
        var app = await builder.BuildAsync();
        var start = app.StartAsync();
        await stuck.StartEntered.WaitAsync(Deadline);

        await builder.DisposeAsync().AsTask().WaitAsync(Deadline);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(Deadline));
        Assert.Equal(["start", "stop"], first.Calls.Take(2));
    }

    [Fact]
    public async Task Disposing_stops_an_application_whose_entry_point_has_left_it_running()
    {
        using var service = new RecordingService();
        TestAppHost.Does(args => Build(args, service).StartAsync().GetAwaiter().GetResult());
        await using (var builder = await CreateAsync())
        {
            await using var app = await builder.BuildAsync();
            await app.StartAsync();
        }

        Assert.Equal(["start", "stop"], service.Calls.Take(2));
    }

    [Fact]
    public async Task Disposing_stops_an_application_whose_entry_point_never_ends()
    {
        using var service = new RecordingService();
        using var testIsOver = new ManualResetEventSlim();
        TestAppHost.Does(args =>
        {
            Build(args, service, TimeSpan.FromMilliseconds(100)).StartAsync().GetAwaiter().GetResult();
            testIsOver.Wait();
        });
        await using (var builder = await CreateAsync())
        {
            await using var app = await builder.BuildAsync();
            await app.StartAsync();
        }

        Assert.Equal(["start", "stop"], service.Calls.Take(2));
        testIsOver.Set();
    }

    [Fact]
    public async Task An_exception_of_the_entry_point_before_the_build_reaches_CreateAsync()
    {
        TestAppHost.Does((Action<string[]>)(_ => throw new DistributedApplicationException("Api:Replicas must be 1 or more.")));

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(() => CreateAsync());

        Assert.Equal("Api:Replicas must be 1 or more.", exception.Message);
    }

    [Fact]
    public async Task An_exception_of_the_entry_point_after_the_build_reaches_StartAsync()
    {
        TestAppHost.Does(args =>
        {
            DistributedApplication.CreateBuilder(args).Build();
            throw new DistributedApplicationException("no");
        });
        await using var builder = await CreateAsync();
        await using var app = await builder.BuildAsync();

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync());

        Assert.Equal("no", exception.Message);
    }

    [Fact]
    public async Task A_service_that_does_not_start_reaches_StartAsync_and_leaves_nothing_running()
    {
        using var first = new RecordingService();
        using var failing = new RecordingService { OnStart = _ => throw new DistributedApplicationException("port taken") };
        RunsWith(first, failing);
        await using var builder = await CreateAsync();
        await using var app = await builder.BuildAsync();

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync());

        Assert.Equal("port taken", exception.Message);
        await builder.DisposeAsync();
        Assert.Equal(["start", "stop"], first.Calls.Take(2));
    }

    [Fact]
    public async Task An_entry_point_that_ends_before_the_build_is_reported_with_its_exit_code_and_its_error_output()
    {
        TestAppHost.Does(_ =>
        {
            Console.Error.WriteLine("Nginx:Port: 99999 is no port.");
            return 3;
        });

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => CreateAsync());

        Assert.Equal(
            "The entry point of FlaskStack.Tests ended with exit code 3 without building an application. It wrote to standard error: Nginx:Port: 99999 is no port.",
            exception.Message);
    }

    [Fact]
    public async Task An_entry_point_that_ends_after_the_build_is_reported_by_StartAsync()
    {
        TestAppHost.Does(args => { DistributedApplication.CreateBuilder(args).Build(); });
        await using var builder = await CreateAsync();
        await using var app = await builder.BuildAsync();

        var exception = await Assert.ThrowsAsync<InvalidOperationException>(() => app.StartAsync());

        Assert.Equal("The entry point of FlaskStack.Tests ended without running the application it built.", exception.Message);
    }

    [Fact]
    public async Task An_assembly_without_an_entry_point_is_refused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => DistributedApplicationTestingBuilder.CreateAsync<DistributedApplication>());

        Assert.Contains("Aspire.Hosting has no entry point", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Applications_started_side_by_side_do_not_see_each_other()
    {
        async Task<string?> RunAsync(int number)
        {
            using var service = new RecordingService();
            RunsWith(service);
            await using var builder = await CreateAsync($"Number={number}");
            builder.AddResource(new PlainResource($"resource-{number}"));
            await using var app = await builder.BuildAsync();
            await app.StartAsync();
            var resource = Assert.Single(app.Services.GetRequiredService<DistributedApplicationModel>().Resources);
            return $"{app.Services.GetRequiredService<IConfiguration>()["Number"]} {resource.Name} {string.Join(' ', service.Calls)}";
        }

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => Task.Run(() => RunAsync(number))));

        Assert.Equal(Enumerable.Range(0, 8).Select(number => string.Create(CultureInfo.InvariantCulture, $"{number} resource-{number} start")), results);
    }

    [Fact]
    public async Task A_disposed_builder_builds_nothing()
    {
        TestAppHost.Does(args => DistributedApplication.CreateBuilder(args).Build().Run());
        var builder = await CreateAsync();
        await builder.DisposeAsync();
        await builder.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => builder.BuildAsync());
    }

    private static Task<IDistributedApplicationTestingBuilder> CreateAsync(params string[] args) =>
        DistributedApplicationTestingBuilder.CreateAsync(typeof(TestAppHost), args);

    private static DistributedApplication Build(string[] args, RecordingService service, TimeSpan? shutdownTimeout = null)
    {
        var builder = DistributedApplication.CreateBuilder(args);
        builder.Services.AddHostedService(_ => service);
        if (shutdownTimeout is { } timeout)
        {
            builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(options => options.ShutdownTimeout = timeout);
        }

        return builder.Build();
    }

    // What it returns ends as the entry point does.
    private static TaskCompletionSource RunsWith(params RecordingService[] services)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        TestAppHost.Does(args =>
        {
            try
            {
                var builder = DistributedApplication.CreateBuilder(args);
                foreach (var service in services)
                {
                    builder.Services.AddSingleton<Microsoft.Extensions.Hosting.IHostedService>(service);
                }

                builder.Build().Run();
                ended.SetResult();
            }
            catch (Exception exception)
            {
                ended.SetException(exception);
                throw;
            }
        });
        return ended;
    }

    private sealed class PlainResource(string name) : Resource(name);
}
