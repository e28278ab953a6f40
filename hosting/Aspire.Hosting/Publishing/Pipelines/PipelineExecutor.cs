using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Publishing.Output;
using Aspire.Hosting.Publishing.Progress;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Pipelines;

/// <summary>Publishes: waits for somebody who reads how it goes, runs the step that was asked for, and ends the AppHost.</summary>
internal sealed class PipelineExecutor(
    DistributedApplicationPipeline pipeline,
    DistributedApplicationModel model,
    DistributedApplicationExecutionContext executionContext,
    IOptions<PipelineOptions> options,
    PublishProgress progress,
    PipelineOutput output,
    IDistributedApplicationEventing eventing,
    IHostApplicationLifetime lifetime,
    IServiceProvider services,
    ILogger<PipelineExecutor> logger) : BackgroundService
{
    // What ends this process too soon is a failure.
    private DistributedApplicationException? _failure = new("Publishing was cancelled.");

    /// <summary>Throws what kept the application from being published.</summary>
    /// <exception cref="DistributedApplicationException">A step failed, or publishing was cancelled.</exception>
    public void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw _failure;
        }
    }

    /// <summary>The steps that would run for one, or all steps; that is all this process was started for.</summary>
    /// <exception cref="DistributedApplicationException">There is no such step; the message lists those there are.</exception>
    public async Task<IReadOnlyList<(PipelineStep Step, IReadOnlyList<string> DependsOn)>> ListAsync(string? step, CancellationToken cancellationToken)
    {
        _failure = null;
        var graph = await pipeline.ResolveAsync(new PipelineContext(model, executionContext, services, logger, cancellationToken)).ConfigureAwait(false);
        return [.. graph.OrderFor(string.IsNullOrEmpty(step) ? null : step).Select(found => (found, graph.DependenciesOf(found)))];
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await progress.WaitForReaderAsync(stoppingToken).ConfigureAwait(false);
            await PublishAsync(new PipelineContext(model, executionContext, services, logger, stoppingToken)).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Ctrl+C, or the CLI has gone.
        }
        finally
        {
            output.Dispose();
            lifetime.StopApplication();
        }
    }

    private async Task PublishAsync(PipelineContext context)
    {
        var state = PublishState.Completed;
        var text = "Published.";
        try
        {
            await RunAsync(context).ConfigureAwait(false);
            _failure = null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !context.CancellationToken.IsCancellationRequested)
        {
            _failure = new ToldException(e.Message, e);
            state = PublishState.CompletedWithError;
            // What kept the step from its end was told with the step.
            text = e is StepFailedException failed ? $"The step '{failed.Step}' failed." : e.Message;
        }

        var summary = state == PublishState.Completed ? context.Summary.Items.Select(static item => new PublishSummaryItem(item.Key, item.Value)) : [];
        await progress.CompleteAsync(state, text, [.. summary], context.CancellationToken).ConfigureAwait(false);
    }

    private async Task RunAsync(PipelineContext context)
    {
        // A wrong name is found before anything is done.
        var step = StepOf(options.Value);
        (await pipeline.ResolveAsync(context).ConfigureAwait(false)).OrderFor(step);
        await eventing.PublishAsync(new BeforePublishEvent(services, model), context.CancellationToken).ConfigureAwait(false);
        await pipeline.ExecuteAsync(context, WellKnownPipelineSteps.BeforeStart).ConfigureAwait(false);
        await pipeline.ExecuteAsync(context, step).ConfigureAwait(false);
        await eventing.PublishAsync(new AfterPublishEvent(services, model), context.CancellationToken).ConfigureAwait(false);
        if (output.Commit() is { } folder)
        {
            context.Summary.Add("Output", folder);
        }
    }

    private static string StepOf(PipelineOptions options) => string.IsNullOrEmpty(options.Step) ? WellKnownPipelineSteps.Publish : options.Step;
}
