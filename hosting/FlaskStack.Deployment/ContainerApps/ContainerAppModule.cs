using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Supervisor.Configuration;
using FlaskStack.Deployment.Model;
using Microsoft.Extensions.Logging.Abstractions;

namespace FlaskStack.Deployment.ContainerApps;

/// <summary>
/// The Bicep module of a project for Azure Container Apps, written beside the manifest. The manifest itself has no replica counts, and azd
/// would choose them.
/// </summary>
internal sealed class ContainerAppModule : Resource
{
    /// <summary>The longest stop that Azure Container Apps allow.</summary>
    private const int LongestStopSeconds = 600;

    private const int StartPeriod = 6;
    private const int ReadyPeriod = 5;
    private const int ReadyFailures = 2;
    private const int AlivePeriod = 10;

    private readonly ProjectResource _project;

    private ContainerAppModule(ProjectResource project)
        : base($"{project.Name}-container-app")
    {
        _project = project;
        Annotations.Add(new ManifestPublishingCallbackAnnotation(WriteAsync));
    }

    /// <summary>Adds a module to each project that is supervised or has a replica count.</summary>
    public static void AddTo(DistributedApplicationModel model)
    {
        foreach (var project in model.Resources.OfType<ProjectResource>().Where(static project => !project.IsExcludedFromPublish()))
        {
            if ((project.HasAnnotationOfType<ReplicaAnnotation>() || project.TryGetSupervisorOptions(out _))
                && !project.HasAnnotationOfType<DeploymentTargetAnnotation>())
            {
                project.Annotations.Add(new DeploymentTargetAnnotation(new ContainerAppModule(project)));
            }
        }
    }

    /// <summary>Writes the module, and a reference to it into the manifest.</summary>
    private async Task WriteAsync(ManifestPublishingContext context)
    {
        var app = await AppAsync(context).ConfigureAwait(false);
        var file = $"{_project.Name}.module.bicep";
        WriteFile(Path.Join(Path.GetDirectoryName(Path.GetFullPath(context.ManifestPath)), file), ContainerAppBicep.Write(app));

        var writer = context.Writer;
        writer.WriteString("type", "azure.bicep.v0");
        writer.WriteString("path", file);
        writer.WriteStartObject("params");
        writer.WriteString(ContainerAppBicep.EnvironmentId, "{.outputs.AZURE_CONTAINER_APPS_ENVIRONMENT_ID}");
        writer.WriteString(ContainerAppBicep.RegistryEndpoint, "{.outputs.AZURE_CONTAINER_REGISTRY_ENDPOINT}");
        writer.WriteString(ContainerAppBicep.RegistryIdentity, "{.outputs.AZURE_CONTAINER_REGISTRY_MANAGED_IDENTITY_ID}");
        writer.WriteString(ContainerAppBicep.ClientId, "{.outputs.MANAGED_IDENTITY_CLIENT_ID}");
        writer.WriteString(ContainerAppBicep.ImageOf(app.Name), $"{{{app.Name}.containerImage}}");
        writer.WriteString(ContainerAppBicep.PortOf(app.Name), $"{{{app.Name}.containerPort}}");
        foreach (var variable in app.Environment
            .Where(static variable => variable.Kind is ContainerAppVariableKind.Expression or ContainerAppVariableKind.Secret))
        {
            writer.WriteString(variable.Parameter, variable.Value);
        }

        writer.WriteEndObject();
    }

    private async Task<ContainerApp> AppAsync(ManifestPublishingContext context)
    {
        DeploymentTarget.CheckSupervision(_project, "Container Apps", DeploymentTarget.MissingFromPods);
        var supervision = _project.TryGetSupervisorOptions(out var given) ? given : new SupervisorOptions();
        var endpoints = _project.Annotations.OfType<EndpointAnnotation>().ToArray();
        var configuration = await ExecutionConfigurationBuilder.Create(_project).WithEnvironmentVariablesConfig()
            .BuildAsync(context.ExecutionContext, NullLogger.Instance, context.CancellationToken).ConfigureAwait(false);
        return new ContainerApp(
            _project.Name,
            _project.GetReplicaCount(),
            DeploymentTarget.MostReplicasOf(_project),
            Math.Min(LongestStopSeconds, (int)Math.Ceiling(supervision.StopWaitSeconds)),
            [.. Probes(supervision)],
            endpoints.Any(static endpoint => endpoint.IsExternal),
            endpoints.Any(static endpoint => endpoint.Transport == "http2"),
            [.. configuration.EnvironmentVariablesWithUnprocessed
                .Select(variable => VariableOf(variable.Key, variable.Value.Unprocessed))]);
    }

    /// <summary>
    /// The probes, as far as the health of the project is known. A project that does not answer for the watchdog's time is replaced.
    /// </summary>
    private IEnumerable<ContainerAppProbe> Probes(SupervisorOptions supervision)
    {
        if (HttpProbe.Readiness(_project) is not { } ready)
        {
            yield break;
        }

        yield return ContainerAppProbe.Create("Startup", ready.Path, StartPeriod, supervision.HealthyTimeout);
        yield return new ContainerAppProbe("Readiness", ready.Path, ReadyPeriod, ContainerAppProbe.AnswerSeconds, ReadyFailures);
        if (HttpProbe.AlivePath(_project, ready) is { } alive && supervision.Watchdog.Enabled)
        {
            yield return ContainerAppProbe.Create("Liveness", alive, AlivePeriod, supervision.Watchdog.Timeout);
        }
    }

    private ContainerAppVariable VariableOf(string name, object value)
    {
        if (value is not IManifestExpressionProvider provider)
        {
            return new(name, Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty, ContainerAppVariableKind.Text);
        }

        var expression = provider.ValueExpression;
        var isOwnPort = _project.Annotations.OfType<EndpointAnnotation>()
            .Any(endpoint => expression == $"{{{_project.Name}.bindings.{endpoint.Name}.targetPort}}");
        return new(name, expression, isOwnPort ? ContainerAppVariableKind.Port : IsSecret(value)
            ? ContainerAppVariableKind.Secret : ContainerAppVariableKind.Expression);
    }

    private static bool IsSecret(object value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        ConnectionStringReference or IResourceWithConnectionString => true,
        ReferenceExpression expression => expression.ValueProviders.Any(IsSecret),
        _ => false,
    };

    private static void WriteFile(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new DistributedApplicationException($"'{path}' cannot be written: {exception.Message}", exception);
        }
    }
}

/// <summary>A project as Azure Container Apps runs it.</summary>
/// <param name="Name">The name of the app.</param>
/// <param name="MinReplicas">The smallest number of replicas.</param>
/// <param name="MaxReplicas">The largest number of replicas.</param>
/// <param name="StopSeconds">The time a replica has to stop, in seconds.</param>
/// <param name="Probes">How Azure asks it how it is.</param>
/// <param name="IsExternal">Whether it can be reached from outside.</param>
/// <param name="IsHttp2">Whether its endpoint uses HTTP/2.</param>
/// <param name="Environment">Its environment variables.</param>
internal sealed record ContainerApp(
    string Name,
    int MinReplicas,
    int MaxReplicas,
    int StopSeconds,
    ImmutableArray<ContainerAppProbe> Probes,
    bool IsExternal,
    bool IsHttp2,
    ImmutableArray<ContainerAppVariable> Environment);

/// <summary>A probe of a container app.</summary>
/// <param name="Type">Startup, Readiness or Liveness.</param>
/// <param name="Path">The path that is asked.</param>
/// <param name="Period">The seconds from one question to the next.</param>
/// <param name="Timeout">The seconds for an answer.</param>
/// <param name="Failures">The number of failures that count, at most 10.</param>
internal sealed record ContainerAppProbe(string Type, string Path, int Period, int Timeout, int Failures)
{
    public const int AnswerSeconds = 3;

    /// <summary>The most failures that Azure Container Apps allow.</summary>
    private const int MostFailures = 10;

    /// <summary>A probe that fails after a time; the period is longer where that takes too many failures.</summary>
    public static ContainerAppProbe Create(string type, string path, int period, TimeSpan time)
    {
        var seconds = (int)Math.Ceiling(time.TotalSeconds);
        var most = Math.Max(period, (seconds + MostFailures - 1) / MostFailures);
        return new(type, path, most, AnswerSeconds, Math.Max(1, (seconds + most - 1) / most));
    }
}

/// <summary>An environment variable of a container app.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, or the expression of the manifest for it.</param>
/// <param name="Kind">Where the value comes from.</param>
internal sealed record ContainerAppVariable(string Name, string Value, ContainerAppVariableKind Kind)
{
    /// <summary>The parameter of the module that carries an expression.</summary>
    public string Parameter => $"env_{string.Concat(Name.Select(IdentifierCharacter))}";

    /// <summary>The secret of the app that carries a secret.</summary>
    public string Secret => Parameter.Replace('_', '-');

    private static char IdentifierCharacter(char character) =>
        char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_';
}

/// <summary>Where the value of a variable comes from.</summary>
internal enum ContainerAppVariableKind
{
    /// <summary>A constant text.</summary>
    Text,

    /// <summary>The port on which the image listens.</summary>
    Port,

    /// <summary>An expression that is evaluated when the app is deployed.</summary>
    Expression,

    /// <summary>A secret expression that is evaluated when the app is deployed.</summary>
    Secret,
}
