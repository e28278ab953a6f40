using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace TestSupport;

/// <summary>
/// What the Compose specification demands of the parts that are written here: known keys alone, values of the right kind, and names
/// that lead somewhere.
/// </summary>
internal sealed partial class ComposeRules
{
    private static readonly string[] RootKeys = ["name", "services", "networks", "volumes"];
    private static readonly string[] Durations = ["interval", "timeout", "start_period"];
    private static readonly string[] Restarts = ["no", "always", "unless-stopped", "on-failure"];
    private static readonly string[] Conditions = ["service_started", "service_healthy", "service_completed_successfully"];

    private static readonly Dictionary<string, string> ServiceKeys = new()
    {
        ["image"] = "text",
        ["pull_policy"] = "text",
        ["build"] = "map",
        ["container_name"] = "text",
        ["entrypoint"] = "list",
        ["command"] = "list",
        ["environment"] = "map",
        ["ports"] = "list",
        ["expose"] = "list",
        ["volumes"] = "list",
        ["tmpfs"] = "list",
        ["depends_on"] = "map",
        ["healthcheck"] = "map",
        ["restart"] = "text",
        ["deploy"] = "map",
        ["stop_signal"] = "text",
        ["stop_grace_period"] = "text",
        ["read_only"] = "text",
        ["cap_drop"] = "list",
        ["security_opt"] = "list",
        ["init"] = "text",
        ["logging"] = "map",
        ["networks"] = "list",
    };

    private readonly List<string> _broken = [];
    private readonly YamlMappingNode _root;
    private readonly string _folder;

    private ComposeRules(YamlMappingNode root, string folder) => (_root, _folder) = (root, folder);

    /// <returns>The rules that are broken, each with the service.</returns>
    public static IReadOnlyList<string> Check(string text, string folder)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var rules = new ComposeRules((YamlMappingNode)stream.Documents.Single().RootNode, folder);
        rules.CheckRoot();
        rules.CheckVariables(text);
        return rules._broken;
    }

    private void CheckRoot()
    {
        foreach (var key in Keys(_root).Except(RootKeys))
        {
            Break("file", $"there is no {key}");
        }

        if (!ProjectName().IsMatch(Text(_root, "name")))
        {
            Break("file", "the name is none");
        }

        foreach (var (name, service) in Map(_root, "services"))
        {
            CheckService(name, (YamlMappingNode)service);
        }
    }

    private void CheckService(string name, YamlMappingNode service)
    {
        foreach (var (key, value) in Children(service))
        {
            if (!ServiceKeys.TryGetValue(key, out var kind))
            {
                Break(name, $"there is no {key}");
            }
            else if (KindOf(value) != kind)
            {
                Break(name, $"{key} is a {KindOf(value)}, not a {kind}");
            }
        }

        if (!service.Children.ContainsKey("image") && !service.Children.ContainsKey("build"))
        {
            Break(name, "it has neither image nor build");
        }

        if (service.Children.ContainsKey("build")
            && !File.Exists(Path.Join(_folder, Text((YamlMappingNode)service["build"], "context"), "Dockerfile")))
        {
            Break(name, "what it is built from is not there");
        }

        if (service.Children.ContainsKey("restart") && !Restarts.Contains(Text(service, "restart")))
        {
            Break(name, "it is restarted in no known way");
        }

        CheckPorts(name, service);
        CheckReferences(name, service);
        CheckHealth(name, service);
    }

    private void CheckPorts(string name, YamlMappingNode service)
    {
        foreach (var port in List(service, "ports").Where(port => !PublishedPort().IsMatch(port)))
        {
            Break(name, $"{port} is no port");
        }

        foreach (var port in List(service, "expose").Where(port => !int.TryParse(port, out _)))
        {
            Break(name, $"{port} is no port");
        }
    }

    private void CheckReferences(string name, YamlMappingNode service)
    {
        var services = Map(_root, "services").ToDictionary(other => other.Key, other => (YamlMappingNode)other.Value);
        foreach (var (other, dependency) in Map(service, "depends_on"))
        {
            var condition = Text((YamlMappingNode)dependency, "condition");
            if (!services.TryGetValue(other, out var target)
                || !Conditions.Contains(condition)
                || (condition == "service_healthy" && !target.Children.ContainsKey("healthcheck")))
            {
                Break(name, $"it cannot wait for {other}");
            }
        }

        foreach (var network in List(service, "networks").Except(Map(_root, "networks").Select(network => network.Key)))
        {
            Break(name, $"there is no network {network}");
        }

        if (Map(service, "environment").Any(variable => variable.Value is not YamlScalarNode))
        {
            Break(name, "an environment variable is no text");
        }
    }

    private void CheckHealth(string name, YamlMappingNode service)
    {
        if (!service.Children.ContainsKey("healthcheck"))
        {
            return;
        }

        var health = (YamlMappingNode)service["healthcheck"];
        if (List(health, "test") is not (["CMD", _, ..] or ["CMD-SHELL", _]))
        {
            Break(name, "its health is asked for in no known way");
        }

        foreach (var time in Durations.Where(time => !Duration().IsMatch(Text(health, time))))
        {
            Break(name, $"{time} is no time");
        }
    }

    /// <summary>What is not given has a default, or a line in .env and an error that names it.</summary>
    private void CheckVariables(string text)
    {
        var env = Path.Join(_folder, ".env");
        var known = File.Exists(env) ? File.ReadAllLines(env).Where(line => line.EndsWith('=')).Select(line => line[..^1]).ToArray() : [];
        foreach (Match variable in Variable().Matches(text.Replace("$$", string.Empty, StringComparison.Ordinal)))
        {
            if (!variable.Groups["default"].Success && !known.Contains(variable.Groups["name"].Value))
            {
                Break("file", $"{variable.Value} has no default and no line in .env");
            }
        }
    }

    private static string KindOf(YamlNode node) => node switch { YamlMappingNode => "map", YamlSequenceNode => "list", _ => "text" };

    private static IEnumerable<string> Keys(YamlMappingNode node) => node.Children.Keys.Select(key => ((YamlScalarNode)key).Value!);

    private static IEnumerable<(string Key, YamlNode Value)> Children(YamlMappingNode node) =>
        node.Children.Select(child => (((YamlScalarNode)child.Key).Value!, child.Value));

    private static IEnumerable<(string Key, YamlNode Value)> Map(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) && value is YamlMappingNode map ? Children(map) : [];

    private static string[] List(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) && value is YamlSequenceNode list
            ? [.. list.Select(item => ((YamlScalarNode)item).Value!)]
            : [];

    private static string Text(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var value) && value is YamlScalarNode scalar ? scalar.Value! : string.Empty;

    private void Break(string name, string rule) => _broken.Add($"{name}: {rule}");

    [GeneratedRegex("^[a-z0-9][a-z0-9_-]*$")]
    private static partial Regex ProjectName();

    [GeneratedRegex(@"^((\d+\.){3}\d+:)?((\d+|\$\{\w+:-\d+\}):)?\d+$")]
    private static partial Regex PublishedPort();

    [GeneratedRegex("^[0-9]+s$")]
    private static partial Regex Duration();

    [GeneratedRegex(@"\$\{?(?<name>\w+)(?<default>:-[^}]*)?(:\?[^}]*)?\}?")]
    private static partial Regex Variable();
}
