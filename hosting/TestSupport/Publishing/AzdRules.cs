using System.Text.Json;
using System.Text.RegularExpressions;

namespace TestSupport;

/// <summary>
/// What azd demands of a manifest that it deploys to Azure Container Apps, together with the fields that the manifest's schema knows.
/// Neither azd nor the schema is at hand in a test, so the rules are written down here.
/// </summary>
internal sealed partial class AzdRules
{
    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["project.v0"] = ["type", "path", "args", "env", "bindings"],
        ["project.v1"] = ["type", "path", "deployment", "args", "env", "bindings"],
        ["container.v0"] = ["type", "connectionString", "image", "entrypoint", "args", "bindMounts", "volumes", "env", "bindings"],
        ["container.v1"] =
            ["type", "connectionString", "image", "build", "deployment", "entrypoint", "args", "bindMounts", "volumes", "env", "bindings"],
        ["dockerfile.v0"] = ["type", "path", "context", "buildArgs", "args", "env", "bindings"],
        ["parameter.v0"] = ["type", "connectionString", "value", "inputs"],
        ["value.v0"] = ["type", "connectionString", "value"],
        ["annotated.string"] = ["type", "value", "filter"],
        ["azure.bicep.v0"] = ["type", "path", "params", "connectionString"],
    };

    private static readonly string[] BindingProperties =
        ["url", "host", "port", "targetPort", "scheme", "protocol", "transport", "external"];

    private readonly List<string> _broken = [];
    private readonly JsonElement _resources;
    private readonly string _folder;

    private AzdRules(JsonElement resources, string folder) => (_resources, _folder) = (resources, folder);

    /// <returns>The rules that are broken, each with the resource.</returns>
    public static IReadOnlyList<string> Check(JsonDocument manifest, string folder)
    {
        var rules = new AzdRules(manifest.RootElement.GetProperty("resources"), folder);
        foreach (var resource in rules._resources.EnumerateObject())
        {
            rules.CheckResource(resource.Name, resource.Value);
        }

        return rules._broken;
    }

    private void CheckResource(string name, JsonElement resource)
    {
        var type = resource.TryGetProperty("type", out var given) ? given.GetString()! : "nothing";
        if (!Fields.TryGetValue(type, out var fields))
        {
            Break(name, $"azd does not know the type {type}");
            return;
        }

        foreach (var field in resource.EnumerateObject().Where(field => !fields.Contains(field.Name)))
        {
            Break(name, $"{type} has no field {field.Name}");
        }

        CheckFiles(name, type, resource);
        CheckTexts(name, resource);
        if (resource.TryGetProperty("bindings", out var bindings))
        {
            CheckIngress(name, type, [.. bindings.EnumerateObject()]);
        }

        if (type == "parameter.v0")
        {
            CheckParameter(name, resource);
        }
    }

    private void CheckFiles(string name, string type, JsonElement resource)
    {
        if (type is "project.v0" or "project.v1")
        {
            MustExist(name, resource.GetProperty("path"));
        }

        if (type == "container.v1" && resource.TryGetProperty("build", out var build) == resource.TryGetProperty("image", out _))
        {
            Break(name, "a container.v1 has either an image or a build");
        }
        else if (type == "container.v1" && resource.TryGetProperty("build", out build))
        {
            MustExist(name, build.GetProperty("context"));
            MustExist(name, build.GetProperty("dockerfile"));
        }

        if (resource.TryGetProperty("deployment", out var deployment))
        {
            MustExist(name, deployment.GetProperty("path"));
            var module = File.ReadAllText(Path.GetFullPath(deployment.GetProperty("path").GetString()!, _folder));
            var parameters = BicepParameter().Matches(module).Select(match => match.Groups[1].Value)
                .Where(parameter => parameter != "location");
            var given = deployment.GetProperty("params").EnumerateObject().Select(parameter => parameter.Name);
            if (!parameters.Order(StringComparer.Ordinal).SequenceEqual(given.Order(StringComparer.Ordinal)))
            {
                Break(name, "the parameters of the module are not those of the manifest");
            }
        }
    }

    private void MustExist(string name, JsonElement path)
    {
        var text = path.GetString()!;
        if (Path.IsPathRooted(text) || text.Contains('\\', StringComparison.Ordinal) || !Path.Exists(Path.GetFullPath(text, _folder)))
        {
            Break(name, $"{text} is no relative path of something that exists");
        }
    }

    private void CheckTexts(string name, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var field in element.EnumerateObject())
                {
                    if (field.Name == "env"
                        && field.Value.EnumerateObject().Any(variable => variable.Value.ValueKind != JsonValueKind.String))
                    {
                        Break(name, "an environment variable is no text");
                    }

                    CheckTexts(name, field.Value);
                }

                break;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                {
                    CheckTexts(name, item);
                }

                break;
            case JsonValueKind.String:
                CheckExpressions(name, element.GetString()!);
                break;
        }
    }

    private void CheckExpressions(string name, string text)
    {
        var rest = text.Replace("{{", string.Empty, StringComparison.Ordinal).Replace("}}", string.Empty, StringComparison.Ordinal);
        foreach (Match match in Expression().Matches(rest))
        {
            if (!Resolves(match.Groups[1].Value))
            {
                Break(name, $"{match.Value} leads nowhere");
            }
        }

        if (Expression().Replace(rest, string.Empty).AsSpan().ContainsAny('{', '}'))
        {
            Break(name, $"the braces of {text} do not match");
        }
    }

    private bool Resolves(string expression)
    {
        var parts = expression.Split('.');
        if (parts is ["", "outputs", _])
        {
            return true;
        }

        return _resources.TryGetProperty(parts[0], out var resource) && parts[1..] switch
        {
            ["bindings", var binding, var property] => BindingProperties.Contains(property)
                && resource.TryGetProperty("bindings", out var bindings)
                && bindings.TryGetProperty(binding, out _),
            ["connectionString"] => resource.TryGetProperty("connectionString", out _),
            ["value"] => resource.TryGetProperty("value", out _),
            ["inputs", var input] => resource.TryGetProperty("inputs", out var inputs) && inputs.TryGetProperty(input, out _),
            ["containerImage"] or ["containerPort"] => resource.TryGetProperty("deployment", out _),
            _ => false,
        };
    }

    private void CheckIngress(string name, string type, JsonProperty[] bindings)
    {
        var groups = bindings.GroupBy(binding => Number(binding, "targetPort")).ToArray();
        foreach (var binding in bindings.Where(binding => binding.Value.GetProperty("scheme").GetString() == "tcp"
            && Number(binding, "targetPort") is null))
        {
            Break(name, $"the tcp binding {binding.Name} has no target port");
        }

        var external = groups.Where(group => group.Any(IsExternal)).ToArray();
        if (external.Length > 1)
        {
            Break(name, "more than one group of bindings is external");
        }

        if (external.Any(group => !group.All(IsHttp)))
        {
            Break(name, "a binding that is not http is external");
        }

        var http = groups.Where(group => group.All(IsHttp)).ToArray();
        var main = http.Length == 1 ? http[0] : external.FirstOrDefault() ?? http.FirstOrDefault();
        foreach (var binding in main ?? Enumerable.Empty<JsonProperty>())
        {
            var usual = binding.Value.GetProperty("scheme").GetString() == "https" ? 443 : 80;
            if (Number(binding, "port") is { } port && port != usual)
            {
                Break(name, $"the ingress {binding.Name} of {type} has the port {port}, but can only have {usual}");
            }
        }

        if (groups.Length > 6)
        {
            Break(name, "there are more than five additional ports");
        }
    }

    private void CheckParameter(string name, JsonElement parameter)
    {
        foreach (var input in parameter.GetProperty("inputs").EnumerateObject())
        {
            var isSecret = input.Value.TryGetProperty("secret", out var secret) && secret.GetBoolean();
            if (isSecret && input.Value.TryGetProperty("default", out var given) && given.TryGetProperty("value", out _))
            {
                Break(name, "a secret is written down");
            }
        }
    }

    private static bool IsExternal(JsonProperty binding) =>
        binding.Value.TryGetProperty("external", out var external) && external.GetBoolean();

    private static bool IsHttp(JsonProperty binding) => binding.Value.GetProperty("scheme").GetString() is "http" or "https";

    private static int? Number(JsonProperty binding, string name) =>
        binding.Value.TryGetProperty(name, out var number) ? number.GetInt32() : null;

    private void Break(string name, string rule) => _broken.Add($"{name}: {rule}");

    [GeneratedRegex(@"\{([^{}]*)\}")]
    private static partial Regex Expression();

    [GeneratedRegex(@"^param (\w+) ", RegexOptions.Multiline)]
    private static partial Regex BicepParameter();
}
