namespace Aspire.Hosting.ApplicationModel;

/// <summary>Finds what a value of the model depends on.</summary>
internal static class ValueReferences
{
    /// <summary>The resources that a value names, each once; those that they themselves depend on are not followed.</summary>
    public static IReadOnlyList<IResource> ResourcesIn(object? value)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var found = new List<IResource>();
        Visit(value);
        return found;

        void Visit(object? current)
        {
            if (current is null || !seen.Add(current))
            {
                return;
            }

            switch (current)
            {
                case IResource resource:
                    found.Add(resource);
                    break;
                case IResourceBuilder<IResource> builder:
                    Visit(builder.Resource);
                    break;
                case IValueWithReferences references:
                    foreach (var reference in references.References)
                    {
                        Visit(reference);
                    }

                    break;
            }
        }
    }

    /// <summary>Whether a secret parameter or a connection string goes into a value.</summary>
    public static bool IsSensitive(object? value) => value switch
    {
        ParameterResource parameter => parameter.Secret,
        ConnectionStringReference or IResourceWithConnectionString => true,
        IValueWithReferences references => references.References.Any(static reference => reference is not IResourceWithEndpoints && IsSensitive(reference)),
        _ => false,
    };
}
