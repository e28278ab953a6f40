using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Logging;

namespace FlaskStack.Tests.Hosting.ApplicationModel;

public sealed class DistributedApplicationEventingTests
{
    private readonly DistributedApplicationEventing _eventing = new();

    [Fact]
    public async Task Blocking_sequential_calls_in_turn_and_ends_with_the_first_failure()
    {
        var calls = new List<int>();
        _eventing.Subscribe<SampleEvent>(async (_, _) =>
        {
            await Task.Yield();
            calls.Add(1);
        });
        _eventing.Subscribe<SampleEvent>((_, _) =>
        {
            calls.Add(2);
            throw new InvalidOperationException("second");
        });
        _eventing.Subscribe<SampleEvent>((_, _) =>
        {
            calls.Add(3);
            return Task.CompletedTask;
        });

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => _eventing.PublishAsync(new SampleEvent()));

        Assert.Equal("second", failure.Message);
        Assert.Equal([1, 2], calls);
    }

    [Fact]
    public async Task Blocking_concurrent_calls_all_at_once_and_waits_for_all()
    {
        var first = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        _eventing.Subscribe<SampleEvent>(async (_, cancellationToken) =>
        {
            first.SetResult();
            await second.Task.WaitAsync(cancellationToken);
        });
        _eventing.Subscribe<SampleEvent>(async (_, cancellationToken) =>
        {
            second.SetResult();
            await first.Task.WaitAsync(cancellationToken);
        });

        await _eventing.PublishAsync(new SampleEvent(), EventDispatchBehavior.BlockingConcurrent, ModelFixture.Deadline);

        Assert.True(first.Task.IsCompleted && second.Task.IsCompleted);
    }

    [Fact]
    public async Task Blocking_concurrent_calls_the_rest_when_one_throws()
    {
        var called = false;
        _eventing.Subscribe<SampleEvent>((_, _) => throw new InvalidOperationException("first"));
        _eventing.Subscribe<SampleEvent>((_, _) =>
        {
            called = true;
            return Task.CompletedTask;
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => _eventing.PublishAsync(new SampleEvent(), EventDispatchBehavior.BlockingConcurrent));

        Assert.True(called);
    }

    [Theory]
    [InlineData(EventDispatchBehavior.NonBlockingSequential)]
    [InlineData(EventDispatchBehavior.NonBlockingConcurrent)]
    public async Task Non_blocking_returns_before_the_subscribers_are_done(EventDispatchBehavior behavior)
    {
        var release = new TaskCompletionSource();
        var done = new TaskCompletionSource();
        _eventing.Subscribe<SampleEvent>(async (_, _) =>
        {
            await release.Task;
            done.SetResult();
        });

        await _eventing.PublishAsync(new SampleEvent(), behavior);

        Assert.False(done.Task.IsCompleted);
        release.SetResult();
        await done.Task.WaitAsync(ModelFixture.Deadline);
    }

    [Fact]
    public async Task Non_blocking_sequential_keeps_the_order()
    {
        var calls = new List<int>();
        var done = new TaskCompletionSource();
        _eventing.Subscribe<SampleEvent>(async (_, _) =>
        {
            await Task.Yield();
            calls.Add(1);
        });
        _eventing.Subscribe<SampleEvent>((_, _) =>
        {
            calls.Add(2);
            done.SetResult();
            return Task.CompletedTask;
        });

        await _eventing.PublishAsync(new SampleEvent(), EventDispatchBehavior.NonBlockingSequential);
        await done.Task.WaitAsync(ModelFixture.Deadline);

        Assert.Equal([1, 2], calls);
    }

    [Theory]
    [InlineData(EventDispatchBehavior.NonBlockingSequential)]
    [InlineData(EventDispatchBehavior.NonBlockingConcurrent)]
    public async Task A_failure_that_nobody_waits_for_is_logged(EventDispatchBehavior behavior)
    {
        var logger = new FirstErrorLogger();
        _eventing.UseLogger(logger);
        _eventing.Subscribe<SampleEvent>((_, _) => throw new InvalidOperationException("unheard"));

        await _eventing.PublishAsync(new SampleEvent(), behavior);

        Assert.Equal("unheard", (await logger.First.WaitAsync(ModelFixture.Deadline))?.Message);
    }

    [Fact]
    public async Task A_subscriber_of_a_resource_gets_only_that_resources_events()
    {
        var wanted = new SampleResource("wanted");
        using var model = new ModelFixture();
        var got = new List<string>();
        _eventing.Subscribe<ResourceReadyEvent>(wanted, (@event, _) =>
        {
            got.Add(@event.Resource.Name);
            return Task.CompletedTask;
        });

        await _eventing.PublishAsync(new ResourceReadyEvent(new SampleResource("other"), model.Services));
        await _eventing.PublishAsync(new ResourceReadyEvent(wanted, model.Services));

        Assert.Equal(["wanted"], got);
    }

    [Fact]
    public async Task An_ended_subscription_is_not_called()
    {
        var calls = 0;
        var subscription = _eventing.Subscribe<SampleEvent>((_, _) =>
        {
            calls++;
            return Task.CompletedTask;
        });

        await _eventing.PublishAsync(new SampleEvent());
        _eventing.Unsubscribe(subscription);
        _eventing.Unsubscribe(subscription);
        await _eventing.PublishAsync(new SampleEvent());

        Assert.Equal(1, calls);
    }

    [Fact]
    public void A_subscription_to_an_interface_is_refused()
        => Assert.Throws<ArgumentException>(() => _eventing.Subscribe<IDistributedApplicationEvent>((_, _) => Task.CompletedTask));

    private sealed class SampleEvent : IDistributedApplicationEvent;

    private sealed class FirstErrorLogger : ILogger
    {
        private readonly TaskCompletionSource<Exception?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<Exception?> First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _first.TrySetResult(exception);
    }
}
