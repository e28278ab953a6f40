using System.Reflection;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using static Aspire.Hosting.Supervisor.Tests.SupervisedApplication;

namespace Aspire.Hosting.Supervisor.Tests;

public sealed class GivenUpNoticeTests : IDisposable
{
    private readonly IInteractionService _interactions = DispatchProxy.Create<IInteractionService, Dashboard>();
    private readonly string _fixed = Path.GetTempFileName();

    public GivenUpNoticeTests() => File.Delete(_fixed);

    private Dashboard Shown => (Dashboard)(object)_interactions;

    public void Dispose() => File.Delete(_fixed);

    [Fact]
    public async Task Shows_what_is_given_up_until_somebody_starts_it()
    {
        await using var app = await StartAsync();

        var notice = await Shown.NextAsync();
        Assert.Equal("failing is given up", notice.Title);
        Assert.Equal(
            "Failed starts: 1, the last because it exited with code 3. Its console says more. Fix the cause, then start it.",
            notice.Message);
        Assert.Equal(MessageIntent.Error, notice.Options.Intent);
        Assert.False(notice.Over.IsCancellationRequested);

        await File.WriteAllTextAsync(_fixed, "");
        await app.StartAsync("failing");

        Assert.True(notice.Over.IsCancellationRequested);
    }

    [Fact]
    public async Task Starts_the_process_at_the_press_of_its_button()
    {
        await using var app = await StartAsync();
        var notice = await Shown.NextAsync();

        await File.WriteAllTextAsync(_fixed, "");
        notice.Answer.SetResult(InteractionResult.Ok(true));

        await app.RunningAsync("failing");
    }

    [Fact]
    public async Task Leaves_a_process_alone_whose_notice_is_closed()
    {
        await using var app = await StartAsync();
        var notice = await Shown.NextAsync();

        notice.Answer.SetResult(InteractionResult.Cancel<bool>());
        Assert.True((await app.ExecuteAsync("other", KnownResourceCommands.StartCommand)).Success);
        await app.RunningAsync("other");

        Assert.Equal("Fatal", (await app.RowAsync("failing")).State?.Text);
    }

    [Fact]
    public async Task Ends_with_the_application()
    {
        Notice notice;
        await using (await StartAsync())
        {
            notice = await Shown.NextAsync();
        }

        Assert.True(notice.Over.IsCancellationRequested);
    }

    private Task<SupervisedApplication> StartAsync() => SupervisedApplication.StartAsync(builder =>
    {
        builder.Services.AddSingleton(_interactions);
        Shell(builder, "failing", $"test -e {_fixed} || exit 3; {Forever}").WithSupervisor(s => s with { StartRetries = 0 });
        Shell(builder, "other", Forever).WithExplicitStart().WithSupervisor();
    });

    /// <summary>A dashboard that holds what it is to show.</summary>
    public class Dashboard : DispatchProxy
    {
        private readonly Channel<Notice> _notices = Channel.CreateUnbounded<Notice>();

        internal Task<Notice> NextAsync() => _notices.Reader.ReadAsync().AsTask().WaitAsync(Deadline);

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "get_IsAvailable" => true,
            nameof(IInteractionService.PromptNotificationAsync) =>
                ShowAsync(new((string)args![0]!, (string)args[1]!, (NotificationInteractionOptions)args[2]!, (CancellationToken)args[3]!)),
            _ => throw new NotSupportedException(targetMethod.Name),
        };

        private Task<InteractionResult<bool>> ShowAsync(Notice notice)
        {
            Assert.True(_notices.Writer.TryWrite(notice));
            return notice.Answer.Task.WaitAsync(notice.Over);
        }
    }

    internal sealed record Notice(string Title, string Message, NotificationInteractionOptions Options, CancellationToken Over)
    {
        public TaskCompletionSource<InteractionResult<bool>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
